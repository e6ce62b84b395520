using System.Globalization;

namespace StatefulDeploy.Guard;

/// <summary>What a guard or keeper process does, for people: lines on its standard error, which its starter has led to a file. Never a secret.</summary>
internal sealed class GuardLog(TextWriter writer)
{
    private readonly object _turn = new();
    private string _last = string.Empty;

    public void Write(string line)
    {
        lock (_turn)
        {
            // A retry that goes on failing in the same way is told once.
            if (line == _last)
                return;

            _last = line;
            try
            {
                writer.WriteLine($"{DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)} {line}");
                writer.Flush();
            }
            catch (IOException)
            {
                // A full disk must not keep anybody from opening the service again.
            }
        }
    }
}
