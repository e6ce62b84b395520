using StatefulDeploy.Engines.PostgreSql.Copy;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>What a copy is made of, without servers.</summary>
public sealed class PostgresCopyPartsTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 1 << 30, 1)]
    [InlineData(1000, 8_192_000, 8)]
    [InlineData(3, 1 << 30, 3)]
    public void The_parts_of_a_table_are_all_of_it_and_none_of_it_twice(long blocks, long bytes, int count)
    {
        CopyPart[] parts = [.. new CopyTable("t", "a", IsBinary: true, 1, blocks, bytes).Split(1_000_000)];
        Assert.Equal(count, parts.Length);
        Assert.Equal(0, parts[0].From);
        Assert.Null(parts[^1].To);
        Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        Assert.All(parts.SkipLast(1), part => Assert.True(part.From < part.To));
    }

    [Fact]
    public void A_dump_is_split_where_its_statements_end_and_nowhere_else()
    {
        string[] statements =
        [
            "SET standard_conforming_strings = on;",
            "COMMENT ON TABLE t IS 'it''s; \\';",
            "COMMENT ON TABLE t IS E'a\\'; \\\\''; -- no';",
            "CREATE INDEX \"a\"\"; b\" ON t (a);",
            "CREATE RULE r AS ON DELETE TO t DO INSTEAD (SELECT ';'; SELECT 2);",
            "CREATE TRIGGER x AFTER INSERT ON t WHEN (NEW.a$b <> $q$;$$;$q$) EXECUTE FUNCTION f();",
            "SELECT 1 /* ; /* ; */ ; */ + 1;",
            "SELECT 1 -- ;\n + 1;",
        ];
        Assert.Equal(statements, SqlScript.Split("\\restrict abc\n\n-- a comment; of psql's\n" + string.Join("\n\n--\n-- Name: x; Type: y\n--\n\n", statements) + "\n\n\\unrestrict abc\n"));
    }

    [Fact]
    public void What_comes_after_the_rows_is_told_apart_by_what_it_waits_for()
    {
        PostData data = PostData.Of("""
            SET a = 1;
            SELECT pg_catalog.set_config('search_path', '', false);
            ALTER TABLE ONLY public."a ADD CONSTRAINT b FOREIGN KEY "
                ADD CONSTRAINT "x "" y" PRIMARY KEY (id);
            CREATE UNIQUE INDEX i ON public.t USING btree (a);
            ALTER INDEX public.p ATTACH PARTITION public.c;
            CREATE TRIGGER t AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION f();
            ALTER TABLE ONLY public.t
                ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES public.u(id);
            COMMENT ON CONSTRAINT f ON public.t IS 'x';
            CREATE EVENT TRIGGER statefuldeploy_ddl ON ddl_command_end EXECUTE FUNCTION statefuldeploy.refuse_ddl();
            """);
        Assert.Equal((2, 2, 2, 2), (data.Session.Count, data.Indexes.Count, data.Rest.Count, data.References.Count));
    }

    [Fact]
    public async Task A_throttle_lets_so_many_bytes_through_in_a_second_over_all_sessions()
    {
        StoppedClock clock = new();
        CopyThrottle throttle = new(1000, clock);
        for (int taken = 0; taken < 10; taken++)
        {
            await throttle.TakeAsync(500, default);
        }

        // The first goes at once, and each of the others waits for all before it.
        Assert.Equal(Enumerable.Range(1, 9).Select(number => TimeSpan.FromSeconds(0.5)), clock.Waited);
        clock.Advance(TimeSpan.FromSeconds(100));
        await throttle.TakeAsync(2000, default);
        await throttle.TakeAsync(1, default);
        Assert.Equal(TimeSpan.FromSeconds(2), clock.Waited[^1]);
    }

    // Time passes only by waiting.
    private sealed class StoppedClock : TimeProvider
    {
        private long _now;

        public List<TimeSpan> Waited { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waited.Add(dueTime);
            Advance(dueTime);
            callback(state);
            return new Done();
        }

        private sealed class Done : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
