using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Payments.Infrastructure.Configuration;

/// <summary>Reads settings by name and collects what is wrong with them, so that a person fixes them all in one go. Blank counts as missing.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> problems = [];

    /// <exception cref="SettingsException">Something was missing or malformed.</exception>
    public void ThrowIfAnyProblem()
    {
        if (problems.Count > 0)
        {
            throw new SettingsException(problems);
        }
    }

    public string? Optional(string name) => configuration[name]?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>The value, or an empty string with the problem noted.</summary>
    public string Required(string name, string wants, string example)
    {
        if (Optional(name) is { } value)
        {
            return value;
        }

        problems.Add($"{name}: missing; it wants {wants}, for example {example}");
        return "";
    }

    public void Malformed(string name, string wants, string example) => problems.Add($"{name}: malformed; it wants {wants}, for example {example}");

    public void Contradiction(string name, string problem) => problems.Add($"{name}: {problem}");

    public bool Flag(string name, bool fallback)
    {
        switch (Optional(name)?.ToLowerInvariant())
        {
            case null:
                return fallback;
            case "true" or "1" or "yes" or "on":
                return true;
            case "false" or "0" or "no" or "off":
                return false;
            default:
                Malformed(name, "true or false", fallback ? "true" : "false");
                return fallback;
        }
    }

    public int Whole(string name, int fallback, int least, int greatest)
    {
        if (Optional(name) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= greatest)
        {
            return number;
        }

        Malformed(name, $"a whole number from {least} to {greatest}", fallback.ToString(CultureInfo.InvariantCulture));
        return fallback;
    }

    public IReadOnlyList<string> List(string name) =>
        Optional(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
