using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.PostgreSql.Physical;

/// <summary>Puts the data directory that was made in the place of the empty one that green runs on. Green is gone meanwhile; it comes back closed, as it was.</summary>
internal static class PhysicalSwap
{
    /// <summary>Does it, or what is left of it.</summary>
    public static async Task RunAsync(EngineContext context, PhysicalPlace place, CancellationToken cancellationToken)
    {
        string data = place.Node.DataDirectory!.TrimEnd('/');
        if (await place.ExistsAsync(place.Made, cancellationToken))
        {
            if (await place.ExistsAsync(data, cancellationToken))
            {
                await place.StopServerAsync(data, cancellationToken);
                foreach (string name in new[] { "postgresql.conf", "pg_hba.conf", "pg_ident.conf" })
                {
                    await place.RunAsRootAsync(new HostCommand("cp", "-p", "--", Path.Combine(data, name), Path.Combine(place.Made, name)), cancellationToken);
                }

                string empty = Path.Combine(place.Folder, "empty");
                await place.RunAsRootAsync(new HostCommand("rm", "-rf", "--", empty), cancellationToken);
                await place.RunAsRootAsync(new HostCommand("mv", "-T", "--", data, empty), cancellationToken);
            }

            await place.RunAsRootAsync(new HostCommand("mv", "-T", "--", place.Made, data), cancellationToken);
            await place.RunAsRootAsync(new HostCommand("sync", "-f", data), cancellationToken);
        }

        PostgresGreenRecord? record = await PostgresGreenRecord.FindAsync(place.Node, context.Service.Name, place.Host, cancellationToken);
        if (record?.Process is not { } process || !await place.Host.IsRunningAsync(process, cancellationToken))
        {
            await new PostgresStart(place.Node, context).StartAsync(place.New, place.Program, cancellationToken);
        }
    }
}
