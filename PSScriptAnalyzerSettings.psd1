# What Invoke-ScriptAnalyzer is to hold the scripts of this repository to: everything but two rules that misread tests.
@{
    ExcludeRules = @(
        # Pester runs the blocks of a file in one scope after another: what BeforeAll assigns is used by every It.
        'PSUseDeclaredVarsMoreThanAssignments'
        # Functions of the tests start and stop what the tests themselves made. The cmdlets, which are compiled, are held to it by their own tests.
        'PSUseShouldProcessForStateChangingFunctions'
    )
}
