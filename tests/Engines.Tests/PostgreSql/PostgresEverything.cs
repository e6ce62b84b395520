namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>A schema with what a copy could stumble over: every type of the core, names that must be quoted, and objects that lean on each other.</summary>
internal static class PostgresEverything
{
    /// <summary>Types whose values are numbers of objects on their server, or are made of those, and a column of every other type.</summary>
    public const string Types = """
        CREATE TYPE mood AS ENUM ('fine', 'so "so"', 'schlecht'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN short AS varchar(9) CHECK (VALUE <> 'no'); CREATE DOMAIN shorter AS short;
        CREATE TYPE span AS RANGE (subtype = float8);
        CREATE TABLE "Ünï ""q"" t" (id int PRIMARY KEY, "select" text, "Ж'ж" int);
        INSERT INTO "Ünï ""q"" t" SELECT i, 'v' || i, i FROM generate_series(1, 50) i;
        CREATE TABLE every_type (
            id int PRIMARY KEY, c_bool bool, c_char1 "char", c_char char(5), c_varchar varchar(20), c_text text, c_name name, c_int2 int2, c_int8 int8, c_float4 float4, c_float8 float8, c_numeric numeric, c_money money,
            c_date date, c_time time, c_timetz timetz, c_timestamp timestamp, c_timestamptz timestamptz, c_interval interval, c_uuid uuid, c_bytea bytea, c_bit bit(5), c_varbit varbit, c_json json, c_jsonb jsonb, c_jsonpath jsonpath, c_xml xml,
            c_inet inet, c_cidr cidr, c_macaddr macaddr, c_macaddr8 macaddr8, c_point point, c_line line, c_lseg lseg, c_box box, c_path path, c_polygon polygon, c_circle circle, c_tsvector tsvector, c_tsquery tsquery,
            c_int4range int4range, c_nummultirange nummultirange, c_pg_lsn pg_lsn, c_oid oid, c_xid xid, c_xid8 xid8, c_tid tid, c_snapshot pg_snapshot, c_regclass regclass, c_regtype regtype, c_ints int[], c_texts text[],
            c_mood mood, c_moods mood[], c_pair pair, c_pairs pair[], c_short short, c_shorter shorter, c_shorts short[], c_span span, c_twice int GENERATED ALWAYS AS (id * 2) STORED);
        INSERT INTO every_type VALUES (
            1, true, 'x', 'ab', 'cd', E'tab\there, back\\slash, new\nline, \\. and ''quote'' ü 漢 😀', 'na"me', -32768, 9223372036854775807, 'NaN', '-Infinity', '123456789012345678901234567890.000100', 12.34,
            'infinity', '24:00', '12:34:56.789+02:30', '4714-11-24 00:00:00 BC', '2024-02-29 12:00:00.123456+00', '1 year 2 mons -3 days 04:05:06.7', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\x00ff5c0a', '10101', '101', '{"a" : 1,  "a":2}', '{"b": [1, null]}', '$.a[*] ? (@ > 1)', '<?xml version="1.0"?><a>ü</a>',
            '192.168.0.1/24', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '(1,2)', '{1,2,3}', '[(0,0),(1,1)]', '((0,0),(1,1))', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))', '<(1,1),2>', 'a:1 b:2C', 'a & !b',
            '[1,5)', '{[1,2),[3,4)}', '16/B374D848', 4294967295, '7', '8', '(3,4)', '10:20:10,14', '"Ünï ""q"" t"', 'pair', '{{1,NULL},{3,4}}', '{"a,b",NULL,""}',
            'so "so"', '{fine,"so \"so\"",NULL}', '(1,"x,y")', '{"(1,a)","(2,\"b c\")"}', 'short', 'shorter', '{a,b}', '[1.5,2.5)');
        INSERT INTO every_type (id) SELECT i FROM generate_series(2, 20) i
        """;

    /// <summary>Objects that lean on each other: partitions of partitions, foreign keys both ways, triggers, rules, policies, statistics, views.</summary>
    public const string Objects = """"
        CREATE SCHEMA "S ""x""";
        CREATE TABLE parent (id int PRIMARY KEY, v text NOT NULL, CONSTRAINT "a ; b" UNIQUE (v)); CREATE TABLE child (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int NOT NULL CONSTRAINT "to parent" REFERENCES parent DEFERRABLE, w text DEFAULT 'w;''');
        INSERT INTO parent SELECT i, 'p' || i FROM generate_series(1, 200) i; INSERT INTO child (parent) SELECT 1 + i % 200 FROM generate_series(1, 1000) i;
        COMMENT ON CONSTRAINT "to parent" ON child IS E'it''s; \\ a\n-- comment'; CREATE INDEX "i; x" ON child (lower(w)) WHERE w <> ';'; COMMENT ON INDEX "i; x" IS '/* no comment';
        CREATE TABLE parts (id int, at date NOT NULL, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); CREATE TABLE parts_a PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY HASH (id);
        CREATE TABLE parts_a0 PARTITION OF parts_a FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE parts_a1 PARTITION OF parts_a FOR VALUES WITH (MODULUS 2, REMAINDER 1); CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
        CREATE INDEX ON parts (v); INSERT INTO parts SELECT i, date '2020-06-01' + i % 500, 'x' || i FROM generate_series(1, 2000) i;
        CREATE TABLE "S ""x""".heir (more text) INHERITS (parent); ALTER TABLE "S ""x""".heir ADD PRIMARY KEY (id); INSERT INTO "S ""x""".heir SELECT 1000 + i, 'h', 'm' FROM generate_series(1, 9) i;
        CREATE TABLE logged (id serial PRIMARY KEY, what text); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN INSERT INTO logged (what) VALUES (TG_OP || '; $$'); RETURN NEW; END$f$;
        CREATE TRIGGER noting AFTER INSERT OR UPDATE ON parent FOR EACH ROW WHEN (NEW.v <> ';') EXECUTE FUNCTION note();
        CREATE RULE keep AS ON DELETE TO logged DO INSTEAD (SELECT ';'; UPDATE logged SET what = what WHERE id = OLD.id);
        ALTER TABLE child ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON child USING (w <> ';'); CREATE STATISTICS both_of (ndistinct) ON parent, w FROM child;
        CREATE TABLE room (during tsrange, no int, EXCLUDE USING gist (during WITH &&)); ALTER TABLE room REPLICA IDENTITY FULL; INSERT INTO room VALUES ('[2020-01-01,2020-01-02)', 1);
        CREATE TABLE by_index (a int NOT NULL, b text); CREATE UNIQUE INDEX by_a ON by_index (a); ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_a; INSERT INTO by_index SELECT i, 'b' FROM generate_series(1, 30) i;
        CREATE TABLE nothing (); ALTER TABLE nothing REPLICA IDENTITY FULL; INSERT INTO nothing DEFAULT VALUES; CREATE MATERIALIZED VIEW seen AS SELECT count(*) AS n FROM child; CREATE UNIQUE INDEX ON seen (n);
        CREATE TABLE big (id int PRIMARY KEY, pad text, wide text); ALTER TABLE big ALTER wide SET STORAGE EXTERNAL;
        INSERT INTO big SELECT i, repeat('x', 500), CASE WHEN i % 20 = 0 THEN repeat(md5(i::text), 300) END FROM generate_series(1, 6000) i
        """";

    /// <summary>Every object of an ordinary schema with how it is defined: the same on both sides of a copy.</summary>
    public const string Definitions = """
        SET search_path = pg_catalog; SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
            SELECT 'index ' || pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid || i.indisreplident || coalesce(obj_description(i.indexrelid), '') FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'statefuldeploy'
            UNION ALL SELECT 'constraint ' || k.conrelid::regclass || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid) || k.convalidated || coalesce(obj_description(k.oid), '') FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'statefuldeploy') AND k.contype <> 'n'
            UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'rule ' || pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|information_schema)' AND r.rulename <> '_RETURN'
            UNION ALL SELECT 'policy ' || polrelid::regclass || ' ' || polname FROM pg_policy
            UNION ALL SELECT 'statistics ' || pg_get_statisticsobjdef(oid) FROM pg_statistic_ext
            UNION ALL SELECT 'inherits ' || inhrelid::regclass || ' ' || inhparent::regclass FROM pg_inherits) AS t(line)
        """;
}
