using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace StatefulDeploy.Tests;

/// <summary>A client that writes one key after another over one RESP connection, and remembers what was acknowledged.</summary>
public sealed class Writer : IDisposable
{
    private const int Batch = 1000;
    private readonly string _host;
    private readonly int _port;
    private readonly Thread _thread;
    private volatile bool _stop;

    public Writer(string host, int port)
    {
        _host = host;
        _port = port;
        _thread = new Thread(Write) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Writes acknowledged: keys w:0 to w:(Acknowledged - 1), each with its number, apart from <see cref="Undetermined"/>.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Answers that were errors.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Connections that broke.</summary>
    public int Drops { get; private set; }

    /// <summary>The longest time between two acknowledgements.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>Stops writing.</summary>
    public void Stop()
    {
        _stop = true;
        _thread.Join();
    }

    /// <summary>Reads every acknowledged key, and counts those that are not there.</summary>
    public int CountLost()
    {
        using var client = Connect(out var reader);
        var lost = 0;
        for (var first = 0; first < Acknowledged; first += Batch)
        {
            // One GET a key, sent together: a node in cluster mode refuses one command over keys of several slots.
            var count = Math.Min(Batch, Acknowledged - first);
            Send(client, [.. Enumerable.Range(first, count).Select(number => new[] { "GET", $"w:{number}" })]);
            for (var number = first; number < first + count; number++)
            {
                var answer = reader.ReadLine() ?? throw new IOException("closed while the keys were counted");
                if (answer.StartsWith('-'))
                {
                    throw new IOException($"GET w:{number}: {answer}");
                }

                if (answer == "$-1" || reader.ReadLine() != number.ToString())
                {
                    lost++;
                }
            }
        }

        return lost;
    }

    public void Dispose() => Stop();

    private void Write()
    {
        TcpClient? client = null;
        StreamReader? reader = null;
        var last = Stopwatch.GetTimestamp();
        while (!_stop)
        {
            try
            {
                client ??= Connect(out reader);
                Send(client, ["SET", $"w:{Acknowledged}", Acknowledged.ToString()]);
                var answer = reader!.ReadLine();
                if (answer == "+OK")
                {
                    var gap = Stopwatch.GetElapsedTime(last);
                    LongestGap = gap > LongestGap && Acknowledged > 0 ? gap : LongestGap;
                    last = Stopwatch.GetTimestamp();
                    Acknowledged++;
                    Thread.Sleep(2); // A few hundred writes a second are enough, and their comparison does not take minutes.
                }
                else if (answer is null)
                {
                    throw new IOException("closed");
                }
                else
                {
                    Errors.Add(answer);
                    Thread.Sleep(5);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                Drops++;
                client?.Dispose();
                client = null;
                Thread.Sleep(5);
            }
        }

        client?.Dispose();
    }

    private TcpClient Connect(out StreamReader reader)
    {
        var client = new TcpClient(_host, _port) { NoDelay = true, ReceiveTimeout = 15_000 };
        reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        return client;
    }

    private static void Send(TcpClient client, params string[][] commands)
    {
        var text = new StringBuilder();
        foreach (var words in commands)
        {
            text.Append($"*{words.Length}\r\n");
            foreach (var word in words)
            {
                text.Append($"${word.Length}\r\n{word}\r\n");
            }
        }

        client.GetStream().Write(Encoding.ASCII.GetBytes(text.ToString()));
    }
}
