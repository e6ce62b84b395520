using System.Buffers;
using System.Globalization;
using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>Commands of green's stream that blue applies in one transaction with the bookkeeping of how far they reach.</summary>
internal sealed class RelayBatch
{
    private const int EnoughBytes = 1 << 20;

    private readonly RelayCommandTable _table;
    private readonly ArrayBufferWriter<byte> _commands = new();
    private RelayPoint _point;
    private bool _inTransaction;

    public RelayBatch(RelayCommandTable table, RelayPoint start)
    {
        _table = table;
        _point = start;
        Begin();
    }

    /// <summary>Where the stream is after the last command added.</summary>
    public RelayPoint Point => _point;

    /// <summary>Whether the batch may end here: never within a transaction of green's.</summary>
    public bool IsWhole => !_inTransaction;

    /// <summary>Whether there is enough in it to be sent.</summary>
    public bool IsFull => _commands.WrittenCount >= EnoughBytes;

    /// <summary>Adds the next command of the stream.</summary>
    /// <exception cref="WayBackEndedException">Blue does not know it.</exception>
    public void Add(RespStreamedCommand streamed)
    {
        _point = _point with { Offset = _point.Offset + streamed.ByteCount };
        RespCommand command = streamed.Command;
        switch (command.Name)
        {
            case "PING" or "REPLCONF":
                break;
            case "SELECT":
                _point = _point with { Database = int.Parse(Encoding.ASCII.GetString(command[1].Bytes.Span), CultureInfo.InvariantCulture) };
                RespWriter.WriteCommand(_commands, command);
                break;
            case "MULTI":
                _inTransaction = true;
                break;
            case "EXEC":
                _inTransaction = false;
                break;
            default:
                Add(command);
                break;
        }
    }

    /// <summary>Takes the batch as the bytes of a transaction, and begins the next one.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        RespWriter.WriteCommand(_commands, ["SELECT", "0"]);
        RespWriter.WriteCommand(_commands, _point.ToCommand());
        RespWriter.WriteCommand(_commands, ["EXEC"]);
        byte[] bytes = _commands.WrittenSpan.ToArray();
        Begin();
        return bytes;
    }

    private void Begin()
    {
        _commands.ResetWrittenCount();
        RespWriter.WriteCommand(_commands, ["MULTI"]);
        RespWriter.WriteCommand(_commands, ["SELECT", _point.Database]);
    }

    private void Add(RespCommand command)
    {
        if (!_table.Knows(command))
        {
            throw new WayBackEndedException($"Green's stream holds {_table.NameOf(command)}, which blue does not know.");
        }

        if (command.Name == "SWAPDB")
        {
            // The bookkeeping stays in database 0, and no stale copy of it goes elsewhere.
            RespWriter.WriteCommand(_commands, ["SELECT", "0"]);
            RespWriter.WriteCommand(_commands, ["DEL", RelayPoint.Key]);
            RespWriter.WriteCommand(_commands, ["SELECT", _point.Database]);
        }

        RespWriter.WriteCommand(_commands, command);
    }
}
