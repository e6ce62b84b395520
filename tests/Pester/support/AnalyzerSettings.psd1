@{
    Severity     = @('Error', 'Warning')
    ExcludeRules = @(
        # A demonstration talks to the person in front of it.
        'PSAvoidUsingWriteHost'
        # Its files have no byte order mark, as all others of the repository.
        'PSUseBOMForUnicodeEncodedFile'
        # What tests make in memory changes no system.
        'PSUseShouldProcessForStateChangingFunctions'
        # Pester's blocks hand variables on in a way that the rule does not see.
        'PSUseDeclaredVarsMoreThanAssignments'
    )
}
