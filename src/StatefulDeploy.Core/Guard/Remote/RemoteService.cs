using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Remote;

/// <summary>Where things are in the guard's folder on another machine, and the service as the guard there is to know it.</summary>
internal sealed class RemoteService(ServiceDescription service)
{
    private readonly HostDescription _host = service.Hosts[service.Blue.Writer.Host];

    public string Folder => _host.GuardDirectory ?? service.GuardDirectory;

    public string Document => Path.Combine(Folder, "service.json");

    public string Secrets => Path.Combine(Folder, "secrets.json");

    public string Authority => Path.Combine(Folder, "ca.pem");

    public string Programs => Path.Combine(Folder, "program");

    /// <summary>The service with the paths of that machine.</summary>
    public ServiceDescription Description => service with
    {
        Path = Document,
        GuardDirectory = Folder,
        WorkersDirectory = service.GuardDirectory,
        TlsCaFile = service.TlsCaFile is null ? null : Authority,
    };
}
