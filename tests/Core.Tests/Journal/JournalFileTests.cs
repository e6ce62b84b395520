using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Core.Tests.Journal;

public sealed class JournalFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("journal-").FullName;

    private string FilePath => Path.Combine(_folder, "upgrades", "u.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_appended_is_read_back_in_order()
    {
        Write(Entry("a"), Entry("b"));
        Write(Entry("c"));

        Assert.Equal(["a", "b", "c"], JournalFile.Read(FilePath).Select(entry => entry.Name));
    }

    [Fact]
    public async Task What_was_appended_behind_is_read_at_once_and_stays_in_order()
    {
        using (var journal = JournalFile.Open(FilePath))
        {
            journal.AppendBehind(Entry("a"));
            journal.AppendBehind(Entry("b"));
            Assert.Equal(["a", "b"], JournalFile.Read(FilePath).Select(entry => entry.Name));
            await journal.FlushedAsync();
            journal.Append(Entry("c"));
            journal.AppendBehind(Entry("d"));
        }

        Assert.Equal(["a", "b", "c", "d"], JournalFile.Read(FilePath).Select(entry => entry.Name));
    }

    [Fact]
    public void A_journal_cut_at_any_byte_reads_as_the_lines_that_are_whole_and_can_be_gone_on_with()
    {
        Write(Entry("first"), Entry("second"));
        var whole = File.ReadAllBytes(FilePath);
        var firstLine = Array.IndexOf(whole, (byte)'\n') + 1;
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Write(Entry("third"));

            string[] expected = length == whole.Length ? ["first", "second", "third"] : length >= firstLine ? ["first", "third"] : ["third"];
            Assert.Equal(expected, JournalFile.Read(FilePath).Select(entry => entry.Name));
        }
    }

    [Fact]
    public void A_line_changed_in_the_middle_is_told_with_its_number_and_nothing_is_read()
    {
        Write(Entry("first"), Entry("second"), Entry("third"));
        File.WriteAllText(FilePath, File.ReadAllText(FilePath).Replace("second", "SECOND", StringComparison.Ordinal));

        var failure = Assert.Throws<UpgradeException>(() => JournalFile.Read(FilePath));

        Assert.Equal("JournalDamaged", failure.ErrorId);
        Assert.Contains("Line 2", failure.Message, StringComparison.Ordinal);
        Assert.Contains(FilePath, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"v\":2,\"time\":\"2030-01-01T00:00:00Z\",\"somethingNew\":true}\n")]
    [InlineData("{\"v\":2,\"time\":\"2030-01-01T00:00:00Z\",\"somethingNew\":true}\n{\"v\":2}\n")]
    public void A_line_of_a_newer_schema_is_refused_even_as_the_last_one(string newer)
    {
        Write(Entry("first"));
        File.AppendAllText(FilePath, newer);

        Assert.Equal("JournalFromNewerVersion", Assert.Throws<UpgradeException>(() => JournalFile.Read(FilePath)).ErrorId);
        Assert.Equal("JournalFromNewerVersion", Assert.Throws<UpgradeException>(() => JournalFile.Open(FilePath)).ErrorId);
    }

    [Fact]
    public void A_line_of_an_epoch_that_had_been_taken_over_does_not_count()
    {
        Write(Entry("old", epoch: 3), Entry("new", epoch: 4), Entry("late", epoch: 3), Entry("newer", epoch: 4));

        Assert.Equal(["old", "new", "newer"], JournalFile.Read(FilePath).Select(entry => entry.Name));
    }

    [Fact]
    public void A_missing_journal_is_told_by_its_path()
    {
        var failure = Assert.Throws<UpgradeException>(() => JournalFile.Read(FilePath));

        Assert.Equal("JournalNotFound", failure.ErrorId);
        Assert.Equal(FailureCategory.NotFound, failure.Category);
    }

    private static JournalEntry Entry(string name, long epoch = 1) => new() { Kind = JournalKind.Fact, Name = name, Epoch = epoch, Text = "é\"\\\n" };

    private void Write(params JournalEntry[] entries)
    {
        using var journal = JournalFile.Open(FilePath);
        journal.Append(entries);
    }
}
