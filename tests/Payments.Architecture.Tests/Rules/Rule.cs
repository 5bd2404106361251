using Mono.Cecil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>One breach of a rule.</summary>
/// <param name="Where">The type that a person wrote, with the member if it is in one: what an excuse names.</param>
internal sealed record Violation(string Where, string Sentence)
{
    public static Violation In(TypeDefinition type, string sentence) => new(Names.Full(type), $"{Names.Full(type)} {sentence}");

    public static Violation In(TypeDefinition type, string member, string sentence) =>
        member.Length == 0 ? In(type, sentence) : new($"{Names.Full(type)}.{member}", $"{Names.Full(type)} {sentence} in {member}");

    public static Violation Of(Use use) => new(use.Member.Length == 0 ? Names.Full(use.Owner) : $"{Names.Full(use.Owner)}.{use.Member}", use.Sentence);
}

/// <summary>Something that has to be true of all code of some kind.</summary>
internal abstract class Rule
{
    /// <summary>Places (a type, or type and member) that may break it, each with the reason why.</summary>
    public virtual IReadOnlyDictionary<string, string> Excuses => new Dictionary<string, string>();

    /// <summary>What the rule is about: it must be about something.</summary>
    public abstract IEnumerable<TypeDefinition> Subjects(CodeBase code);

    protected abstract IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code);

    /// <summary>All breaches, the excused ones too.</summary>
    public IReadOnlyList<Violation> All(CodeBase code) => [.. Subjects(code).SelectMany(s => Of(s, code)).Distinct()];

    public IReadOnlyList<Violation> Unexcused(CodeBase code) => [.. All(code).Where(v => !Excuses.Keys.Any(e => Covers(e, v)))];

    /// <summary>Excuses for what nobody does any more.</summary>
    public IReadOnlyList<string> Stale(CodeBase code)
    {
        var all = All(code);
        return [.. Excuses.Keys.Where(e => !all.Any(v => Covers(e, v)))];
    }

    private static bool Covers(string excuse, Violation violation) => Below(violation.Where, excuse);

    /// <summary>Whether a full name is this one or something in it.</summary>
    protected static bool Below(string name, string prefix) => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal);
}

/// <summary>A rule and how it is known to hold and to bite. The class is the rule's sentence.</summary>
public abstract class RuleSpec
{
    private protected abstract Rule Rule { get; }

    /// <summary>All that breaks the rule in the planted assembly: types, or types with their member.</summary>
    private protected abstract IReadOnlyList<string> Planted { get; }

    [Fact]
    public void It_holds_in_the_product()
    {
        var found = Rule.Unexcused(CodeBase.Product);

        found.ShouldBeEmpty(string.Join(Environment.NewLine, found.Select(v => v.Sentence)));
    }

    [Fact]
    public void It_is_about_something() => Rule.Subjects(CodeBase.Product).ShouldNotBeEmpty();

    [Fact]
    public void It_finds_every_planted_offender_and_nothing_else()
    {
        var found = Rule.Unexcused(CodeBase.Planted).Select(v => v.Where).Distinct().Order(StringComparer.Ordinal).ToList();
        var expected = Planted.Order(StringComparer.Ordinal).ToList();

        Planted.ShouldNotBeEmpty();
        found.ShouldBe(expected, $"missed: {string.Join(", ", expected.Except(found))}; wrongly accused: {string.Join(", ", found.Except(expected))}");
    }

    [Fact]
    public void Each_excuse_is_still_needed() => Rule.Stale(CodeBase.Product).ShouldBeEmpty();
}
