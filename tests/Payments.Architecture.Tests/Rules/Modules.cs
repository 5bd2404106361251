using Mono.Cecil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>Rule 4. Which module may know which, in every layer. A type of no module (Edge, the registrations, the workers' plumbing) may know all.</summary>
internal sealed class ModulesKnowOnlyWhatTheyMay : Rule
{
    private static readonly string[] Known = ["Users", "Payments", "Notifications", "Shared", "Admin"];

    /// <summary>Infrastructure is cut by technique; these parts of it are one module's.</summary>
    private static readonly (string Prefix, string Module)[] InfrastructureParts =
    [
        ("Payments.Infrastructure.Stripe", "Payments"),
        ("Payments.Infrastructure.Database.Inbox", "Payments"),
        ("Payments.Infrastructure.Database.CatalogCache", "Payments"),
        ("Payments.Infrastructure.Database.GatewayFetches", "Payments"),
        ("Payments.Infrastructure.Database.LedgerProof", "Users"),
        ("Payments.Infrastructure.Database.Reads.PaymentSearch", "Payments"),
        ("Payments.Infrastructure.Database.Reads.PaymentBooks", "Payments"),
        ("Payments.Infrastructure.Database.Reads.RevenueBooks", "Payments"),
        ("Payments.Infrastructure.Database.Reads.SubscriptionBooks", "Payments"),
        ("Payments.Infrastructure.Database.Reads.PaymentsTimeline", "Payments"),
        ("Payments.Infrastructure.Database.Reads.PaymentsErasure", "Payments"),
        ("Payments.Infrastructure.Database.Reads.CustomerTraces", "Payments"),
        ("Payments.Infrastructure.Database.Reads.UserSearch", "Users"),
        ("Payments.Infrastructure.Database.Reads.CreditBook", "Users"),
        ("Payments.Infrastructure.Database.Reads.UsersTimeline", "Users"),
        ("Payments.Infrastructure.Database.Reads.UsersErasure", "Users"),
        ("Payments.Infrastructure.Database.Reads.NoticesTimeline", "Notifications"),
        ("Payments.Infrastructure.Database.Reads.NoticesErasure", "Notifications"),
        ("Payments.Infrastructure.Database.Mappings.UsersMapping", "Users"),
        ("Payments.Infrastructure.Database.Mappings.PaymentsMapping", "Payments"),
        ("Payments.Infrastructure.Database.Mappings.NotificationsMapping", "Notifications"),
        ("Payments.Infrastructure.Email", "Notifications"),
    ];

    /// <summary>Whom a module may call besides itself and Shared, and only there.</summary>
    private static readonly Dictionary<string, string[]> Contracts = new(StringComparer.Ordinal)
    {
        ["Shared"] = [],
        ["Admin"] = [],
        ["Users"] = [],
        ["Payments"] = ["Payments.Application.Users.Contracts"],
        ["Notifications"] = ["Payments.Application.Users.Contracts", "Payments.Application.Payments.Contracts"],
    };

    /// <summary>The module, "Shared", "Admin", or null where there is none.</summary>
    public static string? ModuleOf(string fullName) =>
        Array.Find(InfrastructureParts, p => Below(fullName, p.Prefix)) is { Module: { } module } ? module
        : fullName.Split('.') is ["Payments", "Domain" or "Application" or "Infrastructure" or "Api", var third, _, ..] && Known.Contains(third) ? third
        : null;

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.Types.Where(t => ModuleOf(Names.Full(t)) is { } module && !ReadsAcross(t, module));

    // Admin has no tables and decides nothing: it merges what the modules answer.
    private static bool ReadsAcross(TypeDefinition type, string module) => module == "Admin" && CodeBase.LayerOf(type) is Layer.Application or Layer.Api;

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        var mine = ModuleOf(Names.Full(subject))!;
        return code.UsesOf(subject)
            .Where(use => ModuleOf(use.TargetName) is { } theirs && theirs != mine && theirs != "Shared" && !Contracts[mine].Any(c => Below(use.TargetName, c)))
            .Select(Violation.Of);
    }
}

/// <summary>Rule 4 goes by the modules that there are; a new folder beside them would be under no rule. (Infrastructure is cut by technique.)</summary>
internal sealed class TypesBelongToAModule : Rule
{
    private static readonly Dictionary<Layer, string[]> Modules = new()
    {
        [Layer.Domain] = ["Users", "Payments", "Notifications", "Shared"],
        [Layer.Application] = ["Users", "Payments", "Notifications", "Shared", "Admin"],
        [Layer.Api] = ["Users", "Payments", "Notifications", "Admin", "Edge"],
    };

    public override IReadOnlyDictionary<string, string> Excuses { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Payments.Application.ApplicationRegistration"] = "Puts all modules together.",
        ["Payments.Api.ListResponse"] = "The shape of every module's lists.",
        ["Program"] = "Puts the service together.",
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Modules.Keys);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        var layer = CodeBase.LayerOf(subject);
        if (!Modules[layer].Any(m => Below(Names.Namespace(subject), $"Payments.{layer}.{m}")))
        {
            yield return Violation.In(subject, "belongs to no module");
        }
    }
}

/// <summary>The edge surrounds every use case and is part of none: it may know contracts, and what it turns into answers.</summary>
internal sealed class EdgeKnowsContractsOnly : Rule
{
    private static readonly string[] Known = ["Payments.Application.Users.Contracts", "Payments.Application.Payments.Contracts"];

    public override IReadOnlyDictionary<string, string> Excuses { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Payments.Api.Edge.Errors"] = "The one place where a gateway's failure becomes an answer.",
        ["Payments.Api.Edge.Documents.KnownRefusals"] = "It has that place make the answers which the document tells of.",
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.Types.Where(t => Below(Names.Full(t), "Payments.Api.Edge"));

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => code.UsesOf(subject)
        .Where(use => ModulesKnowOnlyWhatTheyMay.ModuleOf(use.TargetName) is not (null or "Shared") && !Known.Any(k => Below(use.TargetName, k)))
        .Select(Violation.Of);
}

public sealed class Modules_know_only_what_they_may : RuleSpec
{
    private protected override Rule Rule => new ModulesKnowOnlyWhatTheyMay();

    private protected override IReadOnlyList<string> Planted =>
    [
        "Payments.Domain.Shared.KnowsAModule.account",
        "Payments.Domain.Admin.KnowsUsers.account",
        "Payments.Domain.Users.KnowsPayments.charge",
        "Payments.Domain.Payments.KnowsUsers.account",
        "Payments.Domain.Notifications.KnowsPayments.charge",
        "Payments.Application.Shared.KnowsAModule.account",
        "Payments.Application.Users.KnowsPaymentsContracts.facts",
        "Payments.Application.Users.KnowsNotifications.notes",
        "Payments.Application.Payments.KnowsUsersInside.credits",
        "Payments.Application.Payments.KnowsUsersDomain.Read",
        "Payments.Application.Payments.KnowsNotifications.notes",
        "Payments.Application.Notifications.KnowsPaymentsInside.charges",
        "Payments.Application.Notifications.KnowsAdmin.overview",
        "Payments.Infrastructure.Stripe.KnowsUsersInside.credits",
        "Payments.Infrastructure.Email.KnowsCharges.charge",
        "Payments.Infrastructure.Database.Mappings.UsersMapping.charge",
        "Payments.Infrastructure.Database.Inbox.KnowsNotifications.notes",
        "Payments.Api.Users.KnowsPayments.charges",
        "Payments.Api.Payments.KnowsUsersApi.page",
    ];

    [Fact]
    public void Every_module_has_types_in_every_layer_that_the_rule_looks_at()
    {
        var looked = Rule.Subjects(CodeBase.Product)
            .Select(t => (CodeBase.LayerOf(t), ModulesKnowOnlyWhatTheyMay.ModuleOf(Names.Full(t))!))
            .ToHashSet();

        foreach (var module in new[] { "Users", "Payments", "Notifications" })
        {
            looked.ShouldContain((Layer.Domain, module));
            looked.ShouldContain((Layer.Application, module));
            looked.ShouldContain((Layer.Infrastructure, module));
        }

        looked.ShouldContain((Layer.Domain, "Shared"));
        looked.ShouldContain((Layer.Application, "Shared"));
        looked.ShouldContain((Layer.Api, "Users"));
        looked.ShouldContain((Layer.Api, "Payments"));
    }
}

public sealed class Every_type_belongs_to_a_module : RuleSpec
{
    private protected override Rule Rule => new TypesBelongToAModule();

    private protected override IReadOnlyList<string> Planted =>
        ["Payments.Domain.Admin.KnowsUsers", "Payments.Domain.Orders.Homeless", "Payments.Application.Homeless", "Payments.Api.Shared.Homeless", "Payments.Application.UsersToo.Homeless"];
}

public sealed class Edge_knows_modules_by_their_contracts : RuleSpec
{
    private protected override Rule Rule => new EdgeKnowsContractsOnly();

    private protected override IReadOnlyList<string> Planted => ["Payments.Api.Edge.KnowsCharges.charges"];
}
