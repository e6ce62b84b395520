using System.Text;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>
/// Which command is of which class. From the flags that Redis 7.0, Redis 8.0 and Valkey 8.1 give in <c>COMMAND</c>;
/// where a command is both (SORT, GEORADIUS, BITFIELD, GETEX) it is a write, as is every command not listed.
/// </summary>
public static class RespCommandTable
{
    private const int Buckets = 1024;

    private static readonly Entry?[] Table = Build();

    /// <summary>Classifies by name and subcommand, without allocating.</summary>
    /// <param name="name">The command's name, in any case.</param>
    /// <param name="subcommand">The word after it, or empty. Looked at only for container commands such as CLIENT.</param>
    public static RespCommandClass Classify(ReadOnlySpan<byte> name, ReadOnlySpan<byte> subcommand)
    {
        Entry? entry = Find(name, Hash(name));
        if (entry is null)
        {
            return RespCommandClass.Write;
        }

        return entry.IsContainer ? ClassifySubcommand(entry, subcommand) : entry.Class;
    }

    /// <summary>Whether the word after this name decides the class (CLIENT, CONFIG, XINFO…).</summary>
    /// <param name="name">The command's name, in any case.</param>
    public static bool IsContainer(ReadOnlySpan<byte> name) => Find(name, Hash(name))?.IsContainer ?? false;

    /// <summary>Classifies a whole command: XREAD and XREADGROUP block only if they say so.</summary>
    /// <param name="command">The command.</param>
    public static RespCommandClass Classify(RespCommand command)
    {
        ReadOnlySpan<byte> name = command[0].Bytes.Span;
        RespCommandClass found = Classify(name, command.Count > 1 ? command[1].Bytes.Span : default);
        if (found != RespCommandClass.Blocking || HasBlockOption(command))
        {
            return found;
        }

        return Ascii.EqualsIgnoreCase(name, "XREAD"u8) ? RespCommandClass.Read
            : Ascii.EqualsIgnoreCase(name, "XREADGROUP"u8) ? RespCommandClass.Write
            : found;
    }

    private static bool HasBlockOption(RespCommand command)
    {
        // The option stands before STREAMS; after it come keys, which may be called anything.
        return command.Skip(1)
            .TakeWhile(word => !Ascii.EqualsIgnoreCase(word.Bytes.Span, "STREAMS"u8))
            .Any(word => Ascii.EqualsIgnoreCase(word.Bytes.Span, "BLOCK"u8));
    }

    private static RespCommandClass ClassifySubcommand(Entry container, ReadOnlySpan<byte> subcommand)
    {
        for (Entry? entry = container.Subcommands; entry is not null; entry = entry.Next)
        {
            if (Ascii.EqualsIgnoreCase(entry.Name, subcommand))
            {
                return entry.Class;
            }
        }

        return container.Class;
    }

    private static Entry? Find(ReadOnlySpan<byte> name, uint hash)
    {
        Entry? entry = Table[hash % Buckets];
        while (entry is not null && !Ascii.EqualsIgnoreCase(entry.Name, name))
        {
            entry = entry.Next;
        }

        return entry;
    }

    private static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte b in name)
        {
            // Folds letters of either case together; that other bytes fold too only makes a collision.
            hash = (hash ^ (uint)(b & 0xDF)) * 16777619;
        }

        return hash ^ (hash >> 15);
    }

    private static Entry?[] Build()
    {
        Entry?[] table = new Entry?[Buckets];
        foreach ((RespCommandClass kind, string names) in RespCommandList.Commands)
        {
            foreach (string name in names.Split(' '))
            {
                Add(table, name, kind);
            }
        }

        foreach ((string container, RespCommandClass otherwise, RespCommandClass kind, string subcommands) in RespCommandList.Subcommands)
        {
            byte[] name = Encoding.ASCII.GetBytes(container);
            uint bucket = Hash(name) % Buckets;
            Entry entry = FindIn(table[bucket], name) ?? Add(table, container, otherwise);
            entry.IsContainer = true;
            foreach (string subcommand in subcommands.Split(' '))
            {
                entry.Subcommands = new Entry(Encoding.ASCII.GetBytes(subcommand), kind) { Next = entry.Subcommands };
            }
        }

        return table;
    }

    private static Entry? FindIn(Entry? entry, byte[] name)
    {
        while (entry is not null && !entry.Name.AsSpan().SequenceEqual(name))
        {
            entry = entry.Next;
        }

        return entry;
    }

    private static Entry Add(Entry?[] table, string name, RespCommandClass kind)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(name);
        ref Entry? bucket = ref table[Hash(bytes) % Buckets];
        return bucket = new Entry(bytes, kind) { Next = bucket };
    }

    private sealed class Entry(byte[] name, RespCommandClass kind)
    {
        public byte[] Name { get; } = name;

        public RespCommandClass Class { get; } = kind;

        public bool IsContainer { get; set; }

        public Entry? Subcommands { get; set; }

        public Entry? Next { get; init; }
    }
}
