using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>Holds requests and answers to the published API.</summary>
/// <param name="library">The files.</param>
/// <param name="acceptNewer">Whether the newer api-versions of the exceptions file may be asked for.</param>
public sealed class OpenApiContract(OpenApiLibrary library, bool acceptNewer)
{
    /// <summary>What is wrong with a request; empty when nothing is.</summary>
    /// <param name="request">The request.</param>
    public IReadOnlyList<string> Check(ArmRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.ApiVersion is not { } version)
        {
            return ["there is no api-version"];
        }

        var (operation, newer) = Find(request);
        if (operation is null)
        {
            return [$"no file describes {request.Method} {request.Path} of api-version {version}"];
        }

        var validator = new SchemaValidator(library.Exceptions, Direction.Request, newer);
        var problems = new List<string>();
        var names = operation.Match(request.Path)!;
        foreach (var parameter in operation.Parameters)
        {
            CheckParameter(parameter, request, names, validator, problems);
        }

        if (request.Body is not null && !operation.Parameters.Any(parameter => parameter.Text("in") == "body"))
        {
            problems.Add($"{operation.Id} takes no body");
        }

        var known = operation.Parameters.Where(parameter => parameter.Text("in") == "query").Select(parameter => parameter.Text("name")!);
        problems.AddRange(request.Query.Keys.Except(known, StringComparer.OrdinalIgnoreCase).Where(key => key is not ("api-version" or ArmRequest.SkipToken)).Select(key => $"{operation.Id} has no parameter {key}"));
        return [.. problems, .. validator.Problems];
    }

    /// <summary>What is wrong with an answer; empty when nothing is. What the request's api-version does not know is taken out of it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">The answer.</param>
    public IReadOnlyList<string> Check(ArmRequest request, ArmAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        var (operation, newer) = Find(request);
        if (operation is null)
        {
            return answer.Status >= 400 ? CheckBody(library.Exceptions.Error, answer.Body, newer) : ["it is answered, and no file describes it"];
        }

        if (operation.Response(answer.Status) is not { } response)
        {
            return answer.Status >= 400 ? CheckBody(library.Exceptions.Error, answer.Body, newer) : [$"{operation.Id} is not answered with {answer.Status}"];
        }

        if (response.At("schema") is not { } schema)
        {
            return answer.Body is null ? [] : [$"{operation.Id}'s answer {answer.Status} has a body"];
        }

        return CheckBody(schema, answer.Body, newer);
    }

    private List<string> CheckBody(OpenApiNode schema, JsonNode? body, bool newer)
    {
        var validator = new SchemaValidator(library.Exceptions, Direction.Response, newer);
        validator.Check(schema, body, "$");
        return [.. validator.Problems];
    }

    private (OpenApiOperation? Operation, bool Newer) Find(ArmRequest request)
    {
        var version = request.ApiVersion ?? string.Empty;
        return acceptNewer && library.Exceptions.HeldTo(version) is { } older
            ? (library.Find(request.Method, request.Path, older), true)
            : (library.Find(request.Method, request.Path, version), false);
    }

    private static void CheckParameter(OpenApiNode parameter, ArmRequest request, IReadOnlyDictionary<string, string> names, SchemaValidator validator, List<string> problems)
    {
        var name = parameter.Text("name")!;
        if (parameter.Text("in") == "body")
        {
            if (request.Body is not null)
            {
                validator.Check(parameter.At("schema")!.Value, request.Body, "$");
            }
            else if (parameter.Is("required"))
            {
                problems.Add("there is no body");
            }

            return;
        }

        var value = parameter.Text("in") switch
        {
            "path" => names[name],
            "query" => request.Query.GetValueOrDefault(name),
            "header" => request.Headers.GetValueOrDefault(name),
            _ => null,
        };
        if (value is not null)
        {
            validator.CheckParameter(parameter, value, name);
        }
        else if (parameter.Is("required"))
        {
            problems.Add($"there is no {name}");
        }
    }
}
