namespace Payments.Domain.Shared;

/// <summary>Something that access is given to: a type and an id within it, <c>("course", "42")</c>.</summary>
public readonly record struct ResourceReference(string Type, string Id)
{
    /// <summary>Longest type and longest id, in characters.</summary>
    public const int LongestType = 50;

    public const int LongestId = 200;

    /// <summary>Everything there is: whoever has it may use any resource.</summary>
    public static readonly ResourceReference Platform = new("platform", "*");

    /// <summary>Both parts are there, of one line, and not too long.</summary>
    public bool IsSound => IsText(Type, LongestType) && IsText(Id, LongestId);

    public override string ToString() => $"{Type}/{Id}";

    private static bool IsText(string? text, int longest) =>
        text is { Length: > 0 } && text.Length <= longest && !text.Any(char.IsControl) && !text.Any(char.IsWhiteSpace) && !text.Any(char.IsSurrogate);
}
