using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Faults.Volumes;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>The fault tests; the document is written when the last one of a full run has ended and every case has its rows, or at once where the rows are collected.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<FaultCollection.Document>
{
    public const string Name = "faults";

    /// <summary>Writes docs/faults.md, that of each other engine, and that of volumes.</summary>
    public sealed class Document : IDisposable
    {
        public void Dispose()
        {
            Write("faults.md", FaultDocument.Redis, FaultTable.Redis);
            Write("faults-postgresql.md", FaultDocument.Postgres, FaultTable.Postgres);
            if (VolumeFaultDocument.Text() is { } volumes && IsWanted(VolumeFaultDocument.IsComplete()))
            {
                File.WriteAllText(Path.Combine(Folder(), "faults-volumes.md"), volumes);
            }
        }

        private static void Write(string name, string head, IReadOnlyList<FaultCase> cases)
        {
            if (FaultDocument.HasRows(cases) && IsWanted(FaultDocument.IsComplete(cases)))
            {
                File.WriteAllText(Path.Combine(Folder(), name), FaultDocument.Text(head, cases));
            }
        }

        private static bool IsWanted(bool complete) => Environment.GetEnvironmentVariable(FaultBook.Variable) is not null || (ServerCatalog.Full && complete);

        private static string Folder()
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Cmdlets.sln")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run from a checkout.");
            }

            return Path.Combine(folder.FullName, "docs");
        }
    }
}
