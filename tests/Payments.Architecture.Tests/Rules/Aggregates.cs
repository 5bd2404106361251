using Mono.Cecil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>
/// Rule 7. The aggregate decides: nobody sets its properties or adds to its lists from outside. Records may be
/// initialised, as values are.
/// </summary>
internal sealed class AggregatesGuardTheirState : Rule
{
    private static readonly HashSet<string> Mutable =
    [
        "System.Collections.Generic.List", "System.Collections.Generic.IList", "System.Collections.Generic.ICollection",
        "System.Collections.Generic.Dictionary", "System.Collections.Generic.IDictionary", "System.Collections.Generic.SortedDictionary", "System.Collections.Generic.SortedList",
        "System.Collections.Generic.HashSet", "System.Collections.Generic.ISet", "System.Collections.Generic.SortedSet", "System.Collections.Generic.LinkedList",
        "System.Collections.Generic.Queue", "System.Collections.Generic.Stack", "System.Collections.Generic.PriorityQueue",
        "System.Collections.ObjectModel.Collection", "System.Collections.ObjectModel.ObservableCollection", "System.Collections.IList", "System.Collections.IDictionary", "System.Collections.ArrayList",
        "System.Text.StringBuilder",
    ];

    public override IReadOnlyDictionary<string, string> Excuses { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Payments.Domain.Payments.Webhooks.WebhookEvent.Payload"] = "The signed bytes, which the mapping has to hold as an array.",
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) =>
        code.TypesOf(Layer.Domain).Where(t => t is { IsInterface: false, IsEnum: false } && !Hierarchy.IsStatic(t));

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        foreach (var property in subject.Properties)
        {
            if (property.SetMethod is { IsPublic: true } set && !(IsInit(set) && IsRecord(subject)))
            {
                yield return Violation.In(subject, property.Name, IsInit(set) ? "is no record and has a public init" : "has a public setter");
            }

            if (property.GetMethod is { IsPublic: true } && IsMutable(property.PropertyType))
            {
                yield return Violation.In(subject, property.Name, "hands out a collection that can be changed");
            }
        }

        foreach (var field in subject.Fields.Where(f => f.IsPublic && !f.HasConstant))
        {
            if (!field.IsInitOnly)
            {
                yield return Violation.In(subject, field.Name, "has a public field that can be changed");
            }
            else if (IsMutable(field.FieldType))
            {
                yield return Violation.In(subject, field.Name, "hands out a collection that can be changed");
            }
        }
    }

    private static bool IsInit(MethodDefinition set) => set.ReturnType is RequiredModifierType { ModifierType.FullName: "System.Runtime.CompilerServices.IsExternalInit" };

    // A record struct has no <Clone>$; both kinds print their members.
    private static bool IsRecord(TypeDefinition type) => type.Methods.Any(m => m.Name == "PrintMembers");

    private static bool IsMutable(TypeReference type) => type is ArrayType || Mutable.Contains(Names.Full(type));
}

public sealed class Aggregates_have_no_public_setter_and_no_public_mutable_collection : RuleSpec
{
    private protected override Rule Rule => new AggregatesGuardTheirState();

    private protected override IReadOnlyList<string> Planted =>
    [
        "Payments.Domain.Users.OpenAccount.Balance", "Payments.Domain.Users.OpenAccount.Owner", "Payments.Domain.Users.OpenAccount.Entries", "Payments.Domain.Users.OpenAccount.Lines",
        "Payments.Domain.Users.OpenAccount.Raw", "Payments.Domain.Users.OpenAccount.Open", "Payments.Domain.Users.OpenAccount.Shared",
        "Payments.Domain.Users.OpenValue.Text", "Payments.Domain.Users.SettableRecord.Text",
    ];

    [Fact]
    public void It_is_about_the_aggregates_that_matter() =>
        Rule.Subjects(CodeBase.Product).Select(Names.Full).ShouldBeSubsetWith("Payments.Domain.Payments.Charges.Payment", "Payments.Domain.Users.User", "Payments.Domain.Shared.Money");
}

internal static class NameAssertions
{
    public static void ShouldBeSubsetWith(this IEnumerable<string> all, params IReadOnlyList<string> wanted) => wanted.Except(all, StringComparer.Ordinal).ShouldBeEmpty();
}
