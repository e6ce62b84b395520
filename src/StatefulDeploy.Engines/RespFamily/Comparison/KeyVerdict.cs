using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>How a key differs.</summary>
/// <param name="Key">The key.</param>
/// <param name="Kind">Missing, Extra, Type, Value or Expiry.</param>
/// <param name="Source">What source holds, without its content.</param>
/// <param name="Target">What target holds, without its content.</param>
internal sealed record KeyVerdict(RespArgument Key, string Kind, string Source, string Target);
