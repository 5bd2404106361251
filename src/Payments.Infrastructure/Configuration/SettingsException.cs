namespace Payments.Infrastructure.Configuration;

/// <summary>The settings do not allow a start. The message names every missing or malformed one, what it wants and an example, never a value.</summary>
public sealed class SettingsException(IReadOnlyList<string> problems)
    : Exception($"Payments cannot start: {problems.Count} {(problems.Count == 1 ? "setting is" : "settings are")} missing or malformed.{Environment.NewLine}"
        + string.Join(Environment.NewLine, problems.Select(problem => "  " + problem)))
{
    /// <summary>One line a setting: <c>NAME: what is wrong and what it wants, for example …</c>.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
