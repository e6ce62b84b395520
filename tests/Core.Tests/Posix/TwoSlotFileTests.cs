using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Posix;

public sealed class TwoSlotFileTests : IDisposable
{
    private const string Magic = "test";
    private const int SlotSize = 256;

    private readonly string _folder = Directory.CreateTempSubdirectory("sd").FullName;

    private string FilePath => Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_newest_document_counts_also_after_it_is_opened_again()
    {
        Assert.Null(Reopened());
        for (byte number = 1; number <= 5; number++)
        {
            using var file = TwoSlotFile.Open(FilePath, Magic, SlotSize);
            file.Read();
            file.Write([number]);
            Assert.Equal([number], Reopened() ?? []);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(128)]
    public void A_torn_write_leaves_what_was_before(int at)
    {
        using (var file = TwoSlotFile.Open(FilePath, Magic, SlotSize))
        {
            file.Write("first"u8);
            file.Write("second"u8);
        }

        Spoil(at); // The second write went to the first slot.
        Assert.Equal("first"u8.ToArray(), Reopened());
    }

    [Fact]
    public void Without_a_whole_slot_it_is_damaged_and_not_empty()
    {
        using (var file = TwoSlotFile.Open(FilePath, Magic, SlotSize))
        {
            file.Write("first"u8);
            file.Write("second"u8);
        }

        Spoil(128);
        Spoil(SlotSize + 128);
        Assert.Throws<InvalidDataException>(Reopened);
        File.WriteAllText(FilePath, "something else");
        Assert.Throws<InvalidDataException>(Reopened);
    }

    [Fact]
    public void What_is_too_long_is_refused_and_leaves_what_was_before()
    {
        using var file = TwoSlotFile.Open(FilePath, Magic, SlotSize);
        file.Write(new byte[file.Capacity]);
        Assert.Throws<ArgumentException>(() => file.Write(new byte[file.Capacity + 1]));
        Assert.Equal(new byte[file.Capacity], Reopened());
    }

    private byte[]? Reopened()
    {
        using var file = TwoSlotFile.Open(FilePath, Magic, SlotSize);
        return file.Read();
    }

    private void Spoil(int at)
    {
        using var file = File.OpenWrite(FilePath);
        file.Position = at;
        file.WriteByte((byte)'#');
    }
}
