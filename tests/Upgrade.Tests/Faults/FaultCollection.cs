using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>The fault tests; the document is written when the last one of a full run has ended and every case has its rows, or at once where the rows are collected.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<FaultCollection.Document>
{
    public const string Name = "faults";

    /// <summary>Writes docs/faults.md.</summary>
    public sealed class Document : IDisposable
    {
        public static string Path
        {
            get
            {
                var folder = new DirectoryInfo(AppContext.BaseDirectory);
                while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Cmdlets.sln")))
                {
                    folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run from a checkout.");
                }

                return System.IO.Path.Combine(folder.FullName, "docs", "faults.md");
            }
        }

        public void Dispose()
        {
            if (Environment.GetEnvironmentVariable(FaultBook.Variable) is not null || (ServerCatalog.Full && FaultDocument.IsComplete(FaultTable.All)))
            {
                File.WriteAllText(Path, FaultDocument.Text(FaultTable.All));
            }
        }
    }
}
