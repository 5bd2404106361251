using Mono.Cecil;
using Mono.Cecil.Cil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>
/// Rule 5. The provider in our words: its name is spoken where its protocol is, and where things are put together.
/// Looks at names (types, members, parameters, and locals where the debug information is at hand), texts, constants, attribute arguments, and uses of types that are so named.
/// </summary>
internal sealed class StripeStaysInItsPlaces : Rule
{
    private const string Word = "stripe";

    private static readonly string[] Places =
    [
        "Payments.Infrastructure.Stripe",
        "Payments.Sandbox",
        "Payments.Api.Payments.Webhooks.StripeWebhookController",
        // The document says whose webhook it is.
        "Payments.Api.Edge.Documents.Headings",
        "Program",
        "Payments.Infrastructure.InfrastructureRegistration",
        "Payments.Infrastructure.Configuration",
        "Payments.Infrastructure.Database.Migrations",
        // The column's default: which provider a row is of.
        "Payments.Infrastructure.Database.Mappings.PaymentsMapping",
    ];

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.Types.Where(t => !Places.Any(p => Below(Names.Full(t), p)));

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) =>
    [
        .. SaysIt(Names.Full(subject)) ? [Violation.In(subject, "has Stripe in its name")] : Array.Empty<Violation>(),
        .. code.UsesOf(subject).Where(use => SaysIt(use.TargetName) || SaysIt(use.Called?.Name)).Where(use => !Below(use.TargetName, Names.Full(subject))).Select(Violation.Of),
        .. CodeBase.PartsOf(subject).SelectMany(Words).Where(w => SaysIt(w.Word)).Select(w => Violation.In(subject, w.Member, $"says \"{w.Word}\"")),
    ];

    private static bool SaysIt(string? text) => text?.Contains(Word, StringComparison.OrdinalIgnoreCase) == true;

    private static IEnumerable<(string Member, string? Word)> Words(TypeDefinition part) =>
        Texts(part).Select(t => ("", t))
            .Concat(part.GenericParameters.Select(g => ("", (string?)g.Name)))
            .Concat(part.Fields.SelectMany(f => new[] { f.Name, f.Constant as string }.Concat(Texts(f)).Select(w => (Names.Member(f), w))))
            .Concat(part.Properties.SelectMany(p => Texts(p).Prepend(p.Name).Select(w => (p.Name, w))))
            .Concat(part.Events.SelectMany(e => Texts(e).Prepend(e.Name).Select(w => (e.Name, (string?)w))))
            .Concat(part.Methods.SelectMany(m => OfMethod(m).Select(w => (Names.Member(m), w))));

    private static IEnumerable<string?> OfMethod(MethodDefinition method) =>
    [
        method.Name,
        .. Texts(method),
        .. method.GenericParameters.Select(g => g.Name),
        .. method.Parameters.SelectMany(p => new[] { p.Name, p.HasConstant ? p.Constant as string : null }.Concat(Texts(p))),
        .. method.HasBody ? method.Body.Instructions.Where(i => i.OpCode == OpCodes.Ldstr).Select(i => (string)i.Operand) : [],
        .. Locals(method.DebugInformation.Scope),
    ];

    private static IEnumerable<string?> Locals(ScopeDebugInformation? scope) =>
        scope is null ? [] : [.. scope.Variables.Select(v => v.Name), .. scope.Constants.SelectMany(c => new[] { c.Name, c.Value as string }), .. scope.Scopes.SelectMany(Locals)];

    private static IEnumerable<string?> Texts(ICustomAttributeProvider provider) => provider.CustomAttributes.SelectMany(a =>
        a.ConstructorArguments.SelectMany(OfArgument)
            .Concat(a.Fields.SelectMany(f => OfArgument(f.Argument)))
            .Concat(a.Properties.SelectMany(p => OfArgument(p.Argument))));

    private static IEnumerable<string?> OfArgument(CustomAttributeArgument argument) => argument.Value switch
    {
        string text => [text],
        CustomAttributeArgument boxed => OfArgument(boxed),
        CustomAttributeArgument[] array => array.SelectMany(OfArgument),
        _ => [],
    };
}

public sealed class Stripe_is_named_only_in_its_places : RuleSpec
{
    private protected override Rule Rule => new StripeStaysInItsPlaces();

    private protected override IReadOnlyList<string> Planted =>
    [
        "Payments.Domain.Payments.StripeCharge",
        "Payments.Domain.Payments.HasSuchAField.stripeId",
        "Payments.Domain.Payments.HasSuchAProperty.StripeId",
        "Payments.Application.Payments.SaysIt.Gateway",
        "Payments.Application.Payments.SaysItInAConstant.Gateway",
        "Payments.Application.Payments.SaysItInADefault.Open",
        "Payments.Application.Payments.SaysItInALambda.Names",
        "Payments.Application.Payments.TakesSuchAParameter.Open",
        "Payments.Application.Payments.NamesALocal.Open",
        "Payments.Application.Payments.NamesALocalLater.Open",
        "Payments.Infrastructure.Database.CallsSuchAMethod.Open",
        "Payments.Api.Payments.RoutesToIt",
        "Payments.Infrastructure.Database.KnowsTheAdapter.adapter",
    ];

    [Fact]
    public void The_places_where_it_may_be_named_do_name_it() =>
        CodeBase.Product.Types.Select(Names.Full).ShouldContain(n => n.StartsWith("Payments.Infrastructure.Stripe.Stripe", StringComparison.Ordinal));
}
