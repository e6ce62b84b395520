namespace StatefulDeploy.Guard.Boot;

/// <summary>A means by which a host starts a program when it boots. Every act can be done twice.</summary>
internal interface IBootMeans
{
    /// <summary>The means for people.</summary>
    string Name { get; }

    /// <summary>Whether the host has it, and it would start what this user gives it.</summary>
    Task<bool> IsThereAsync(CancellationToken cancellationToken);

    /// <summary>Has the program started from the next boot on.</summary>
    Task InstallAsync(BootEntry entry, CancellationToken cancellationToken);

    /// <summary>Takes that back.</summary>
    Task RemoveAsync(BootEntry entry, CancellationToken cancellationToken);
}
