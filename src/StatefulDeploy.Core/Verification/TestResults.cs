using System.Xml;
using System.Xml.Linq;

namespace StatefulDeploy.Verification;

/// <summary>What a results file says: NUnit 2.5, NUnit 3 or JUnit, told apart by its root.</summary>
/// <param name="Tests">Tests that ran.</param>
/// <param name="Failures">Those that failed, with name and message (where expected and actual stand).</param>
public sealed record TestResults(int Tests, IReadOnlyList<string> Failures)
{
    /// <summary>Reads a results file.</summary>
    /// <exception cref="InvalidDataException">It is not XML, or of none of the three kinds.</exception>
    public static TestResults Read(string path)
    {
        try
        {
            // A results file is the user's, but what it names elsewhere is not fetched.
            using var reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            var root = XDocument.Load(reader).Root!;
            return root.Name.LocalName switch
            {
                "test-results" or "test-run" => ReadNUnit(root),
                "testsuites" or "testsuite" => ReadJUnit(root),
                var other => throw new InvalidDataException($"'{path}' has the root <{other}>. Expected <test-run> (NUnit 3), <test-results> (NUnit 2.5), <testsuites> or <testsuite> (JUnit)."),
            };
        }
        catch (XmlException exception)
        {
            throw new InvalidDataException($"'{path}' is not valid XML: {exception.Message}", exception);
        }
    }

    private static TestResults ReadNUnit(XElement root)
    {
        var ran = Cases(root, "test-case").Where(test => !IsSkipped(test)).ToList();
        return new TestResults(ran.Count, [.. ran.Where(HasFailed).Select(test => Describe(
            (string?)test.Attribute("fullname") ?? (string?)test.Attribute("name"),
            Child(Child(test, "failure"), "message")?.Value))]);

        static bool IsSkipped(XElement test) =>
            string.Equals((string?)test.Attribute("executed"), "False", StringComparison.OrdinalIgnoreCase) || (string?)test.Attribute("result") is "Skipped" or "Ignored" or "Inconclusive";

        static bool HasFailed(XElement test) =>
            (string?)test.Attribute("result") is "Failed" or "Failure" or "Error" || string.Equals((string?)test.Attribute("success"), "False", StringComparison.OrdinalIgnoreCase);
    }

    private static TestResults ReadJUnit(XElement root)
    {
        var ran = Cases(root, "testcase").Where(test => Child(test, "skipped") is null).ToList();
        return new TestResults(ran.Count, [.. ran.Select(test => (Test: test, Failure: Child(test, "failure") ?? Child(test, "error")))
            .Where(pair => pair.Failure is not null)
            .Select(pair => Describe(NameOf(pair.Test), (string?)pair.Failure!.Attribute("message") is { Length: > 0 } message ? message : pair.Failure.Value))]);

        static string? NameOf(XElement test) => (string?)test.Attribute("classname") is { Length: > 0 } type ? $"{type}.{(string?)test.Attribute("name")}" : (string?)test.Attribute("name");
    }

    private static IEnumerable<XElement> Cases(XElement root, string name) => root.DescendantsAndSelf().Where(element => element.Name.LocalName == name);

    private static XElement? Child(XElement? element, string name) => element?.Elements().FirstOrDefault(child => child.Name.LocalName == name);

    private static string Describe(string? name, string? message) => $"{name ?? "a test without a name"}: {(string.IsNullOrWhiteSpace(message) ? "failed without a message" : message.Trim())}";
}
