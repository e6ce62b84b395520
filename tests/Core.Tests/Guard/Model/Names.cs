using System.Runtime.CompilerServices;
using System.Text;

namespace StatefulDeploy.Core.Tests.Guard.Model;

/// <summary>What happened, in words: made only when a way to a violation is told, since to name every move would take longer than to make it.</summary>
internal sealed class Names
{
    /// <summary>Whether words are wanted.</summary>
    public bool Wanted { get; set; }

    /// <summary>The text, or nothing while no words are wanted.</summary>
    public string Of([InterpolatedStringHandlerArgument("")] Handler text) => Wanted ? text.ToString() : string.Empty;

    [InterpolatedStringHandler]
    public readonly struct Handler
    {
        private readonly StringBuilder? _text;

        public Handler(int literalLength, int formattedCount, Names names, out bool isWanted)
        {
            isWanted = names.Wanted;
            _text = isWanted ? new StringBuilder(literalLength + (formattedCount * 10)) : null;
        }

        public void AppendLiteral(string value) => _text!.Append(value);

        public void AppendFormatted<T>(T value) => _text!.Append(value);

        public override string ToString() => _text?.ToString() ?? string.Empty;
    }
}
