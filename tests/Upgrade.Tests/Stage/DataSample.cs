using System.Globalization;
using System.Net;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>Data of every kind that an upgrade must carry, and the questions whose answers must stay the same.</summary>
internal sealed class DataSample
{
    private const string Library = "#!lua name=sample\nredis.register_function{function_name='sample_twice', callback=function(keys) local v = redis.call('GET', keys[1]) return v .. v end, flags={'no-writes'}}";
    private const int Big = 8 << 20;
    private const int Many = 20_000;
    private const int AtOnce = 500;
    private const int LifeSeconds = 3600;
    private readonly LiveService _service;
    private readonly int[] _databases;
    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);

    private DataSample(LiveService service)
    {
        _service = service;
        _databases = service.Shape.Engine == "redis" ? [0, 5] : [0];
    }

    private bool Rich => _service.Shape.Engine == "redis";

    /// <summary>Fills blue and remembers its answers.</summary>
    public static async Task<DataSample> SeedAsync(LiveService service)
    {
        var sample = new DataSample(service);
        foreach (var database in sample._databases)
        {
            foreach (var command in sample.Writes())
            {
                var answer = await service.AskInAsync(service.Blue.EndPoint, database, command);
                Assert.False(answer.StartsWith("ERR", StringComparison.Ordinal), $"{command[0]}: {answer}");
            }

            await sample.AskAllAsync(service.Blue.EndPoint, database, (question, answer) => sample._answers[question] = answer);
        }

        return sample;
    }

    /// <summary>Asks a server the same questions.</summary>
    public async Task AssertOnAsync(IPEndPoint server)
    {
        foreach (var database in _databases)
        {
            await AskAllAsync(server, database, (question, answer) => Assert.True(_answers[question] == answer, $"{question} on {server}: '{Short(answer)}' instead of '{Short(_answers[question])}'"));
            var life = long.Parse(await _service.AskInAsync(server, database, "TTL", "sample:mortal"), CultureInfo.InvariantCulture);
            Assert.InRange(life, LifeSeconds - 900, LifeSeconds);
        }
    }

    private async Task AskAllAsync(IPEndPoint server, int database, Action<string, string> answered)
    {
        foreach (var question in Questions())
        {
            var answer = await _service.AskInAsync(server, database, question);
            answered($"{database}: {string.Join(' ', question)}", string.Join('\n', answer.Split('\n').Order(StringComparer.Ordinal)));
        }
    }

    private IEnumerable<string[]> Writes()
    {
        yield return ["SET", "sample:text", "one"];
        yield return ["SET", "sample:mortal", "soon", "EX", LifeSeconds.ToString(CultureInfo.InvariantCulture)];
        yield return ["SET", "sample:big", new string('b', Big)];
        yield return ["SETBIT", "sample:bits", "70000", "1"];
        yield return ["PFADD", "sample:distinct", .. Numbers(0, 300)];
        yield return ["ZADD", "sample:scores", .. Numbers(0, 300).SelectMany(number => new[] { number, $"m{number}" })];
        for (var from = 0; from < Many; from += AtOnce)
        {
            yield return ["HSET", "sample:fields", .. Numbers(from, AtOnce).SelectMany(number => new[] { $"f{number}", $"v{number}" })];
            yield return ["RPUSH", "sample:list", .. Numbers(from, AtOnce)];
            yield return ["SADD", "sample:members", .. Numbers(from, AtOnce)];
        }

        foreach (var command in Rich ? RichWrites() : [])
        {
            yield return command;
        }
    }

    private static IEnumerable<string[]> RichWrites()
    {
        for (var i = 1; i <= 50; i++)
        {
            yield return ["XADD", "sample:stream", $"{i}-1", "n", i.ToString(CultureInfo.InvariantCulture)];
        }

        yield return ["XGROUP", "CREATE", "sample:stream", "readers", "0"];
        yield return ["XREADGROUP", "GROUP", "readers", "r1", "COUNT", "7", "STREAMS", "sample:stream", ">"];
        yield return ["XACK", "sample:stream", "readers", "1-1"];
        yield return ["FUNCTION", "LOAD", "REPLACE", Library];
    }

    private IEnumerable<string[]> Questions()
    {
        string[][] simple =
        [
            ["GET", "sample:text"], ["GET", "sample:mortal"], ["STRLEN", "sample:big"], ["GETRANGE", "sample:big", "8000000", "8000010"], ["BITCOUNT", "sample:bits"], ["PFCOUNT", "sample:distinct"],
            ["ZRANGE", "sample:scores", "0", "-1", "WITHSCORES"], ["HLEN", "sample:fields"], ["HGET", "sample:fields", "f19999"], ["LLEN", "sample:list"], ["LRANGE", "sample:list", "9990", "10010"], ["SCARD", "sample:members"], ["SISMEMBER", "sample:members", "77"],
        ];
        string[][] rich =
        [
            ["XLEN", "sample:stream"], ["XRANGE", "sample:stream", "-", "+"], ["XPENDING", "sample:stream", "readers"], ["FCALL_RO", "sample_twice", "1", "sample:text"],
        ];
        return Rich ? simple.Concat(rich) : simple;
    }

    private static IEnumerable<string> Numbers(int from, int count) => Enumerable.Range(from, count).Select(number => number.ToString(CultureInfo.InvariantCulture));

    private static string Short(string text) => text.Length > 200 ? text[..200] : text;
}
