using System.Text.Json;
using System.Text.Json.Serialization;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>The guard's lines and files as JSON. Generated, so that the first line in a process costs no more than the thousandth.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, IgnoreReadOnlyProperties = true, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GuardRequest))]
[JsonSerializable(typeof(GuardReply))]
[JsonSerializable(typeof(RegisterDocument))]
[JsonSerializable(typeof(ArmedWindow))]
[JsonSerializable(typeof(WindowDecision))]
[JsonSerializable(typeof(ProcessIdentity))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class GuardJson : JsonSerializerContext;
