using System.Text.RegularExpressions;
using Mono.Cecil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>Controllers and their actions, as ASP.NET finds them.</summary>
internal static class Controllers
{
    private const string Mvc = "Microsoft.AspNetCore.Mvc.";

    /// <summary>What derives from <c>ControllerBase</c>, abstract ones for the actions they hand down, and what only calls itself a controller.</summary>
    public static bool Is(TypeDefinition type) => type.IsClass && !Hierarchy.Has(type, Mvc + "NonControllerAttribute")
        && (Hierarchy.Is(type, Mvc + "ControllerBase") || type.Name.EndsWith("Controller", StringComparison.Ordinal) || Hierarchy.Has(type, Mvc + "ControllerAttribute"));

    public static IEnumerable<MethodDefinition> Actions(TypeDefinition controller) => controller.Methods.Where(m =>
        m is { IsPublic: true, IsStatic: false, IsConstructor: false, IsSpecialName: false }
        && !Hierarchy.Has(m, Mvc + "NonActionAttribute")
        && m.GetOriginalBase().DeclaringType.FullName is not "System.Object");

    /// <summary>The action's verb attributes.</summary>
    public static IEnumerable<CustomAttribute> Verbs(MethodDefinition action) =>
        action.CustomAttributes.Where(a => Hierarchy.Is(a.AttributeType, Mvc + "Routing.HttpMethodAttribute"));

    /// <summary>Every address of an action, from the templates of its class and its own.</summary>
    public static IEnumerable<string> Routes(TypeDefinition controller, MethodDefinition action)
    {
        var classes = Templates(controller.CustomAttributes).DefaultIfEmpty("").ToList();
        var own = Templates(action.CustomAttributes).DefaultIfEmpty("").ToList();
        return own.SelectMany(o => o.StartsWith('/') || o.StartsWith("~/", StringComparison.Ordinal)
            ? [o.TrimStart('~', '/')]
            : classes.Select(c => $"{c.Trim('/')}/{o}".Trim('/')));
    }

    private static MethodDefinition GetOriginalBase(this MethodDefinition method) => Mono.Cecil.Rocks.MethodDefinitionRocks.GetOriginalBaseMethod(method);

    private static IEnumerable<string> Templates(IEnumerable<CustomAttribute> attributes) => attributes
        .Where(a => Hierarchy.Is(a.AttributeType, Mvc + "Routing.IRouteTemplateProvider"))
        .Select(a => a.ConstructorArguments.Select(c => c.Value).OfType<string>().FirstOrDefault())
        .OfType<string>();
}

/// <summary>Rule 9. Who may call an action is read on the action, and nowhere else.</summary>
internal sealed class ActionsSayWhoMayCall : Rule
{
    private const string Authorization = "Microsoft.AspNetCore.Authorization.";
    private const string PoliciesType = "Payments.Api.Edge.Policies";

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Api).Where(Controllers.Is);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        var policies = code.Types.Where(t => Names.Full(t) == PoliciesType).SelectMany(t => t.Fields).Select(f => f.Constant).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var action in Controllers.Actions(subject))
        {
            var open = Hierarchy.Has(action, Authorization + "AllowAnonymousAttribute");
            var guards = action.CustomAttributes.Where(a => Hierarchy.Is(a.AttributeType, Authorization + "AuthorizeAttribute")).ToList();
            if (!open && guards.Count == 0)
            {
                yield return Violation.In(subject, action.Name, "says neither [Authorize(Policy = …)] nor [AllowAnonymous]");
            }

            if (open && guards.Count > 0)
            {
                yield return Violation.In(subject, action.Name, "says [AllowAnonymous], which undoes its [Authorize]");
            }

            foreach (var policy in guards.Select(Policy))
            {
                if (policy is null)
                {
                    yield return Violation.In(subject, action.Name, "says [Authorize] without a policy");
                }
                else if (!policies.Contains(policy))
                {
                    yield return Violation.In(subject, action.Name, $"names the policy \"{policy}\", which is none of {PoliciesType}");
                }
            }
        }
    }

    private static string? Policy(CustomAttribute authorize) =>
        (authorize.Properties.Where(p => p.Name == "Policy").Select(p => p.Argument.Value).FirstOrDefault() ?? authorize.ConstructorArguments.Select(a => a.Value).FirstOrDefault()) as string;
}

/// <summary>An endpoint outside a controller would escape the rules of controllers.</summary>
internal sealed partial class EndpointsAreActions : Rule
{
    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Api);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => code.UsesOf(subject)
        .Where(use => use.TargetName == "Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions" && Mapping().IsMatch(use.Called?.Name ?? ""))
        .Select(Violation.Of);

    [GeneratedRegex("^Map(Get|Post|Put|Patch|Delete|Methods|Fallback|Group)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mapping();
}

/// <summary>The API has one root and a version; beside it is only what tools expect at their own addresses.</summary>
internal sealed class RoutesBeginWithTheVersion : Rule
{
    private static readonly string[] Beside = ["health", "openapi", "swagger", "sandbox"];

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Api).Where(Controllers.Is);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        foreach (var action in Controllers.Actions(subject))
        {
            if (!Controllers.Verbs(action).Any())
            {
                yield return Violation.In(subject, action.Name, "names no HTTP verb, and so takes any");
            }

            foreach (var route in Controllers.Routes(subject, action))
            {
                if (!route.StartsWith("api/v1/", StringComparison.Ordinal) && !Beside.Contains(route.Split('/')[0], StringComparer.Ordinal))
                {
                    yield return Violation.In(subject, action.Name, $"is at /{route} and not below /api/v1");
                }
            }
        }
    }
}

/// <summary>Controllers translate: they send, and know what they have to tell the use case.</summary>
internal sealed class ControllersAreThin : Rule
{
    private const int Most = 4;

    public override IReadOnlyDictionary<string, string> Excuses { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Payments.Api.Payments.Webhooks.StripeWebhookController.ReceiveGuarded"] = "The guard of the path is internal to the edge, and a public constructor cannot name it.",
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Api).Where(Controllers.Is);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        var taken = subject.Methods.Where(m => m.IsConstructor && !m.IsStatic).SelectMany(m => m.Parameters.Select(p => (Member: "constructor", p.ParameterType)))
            .Concat(Controllers.Actions(subject).SelectMany(m => m.Parameters
                .Where(p => Hierarchy.Has(p, "Microsoft.AspNetCore.Mvc.FromServicesAttribute")).Select(p => (Member: m.Name, p.ParameterType))))
            .ToList();
        foreach (var (member, type) in taken.Where(t => !IsPort(t.ParameterType)))
        {
            yield return Violation.In(subject, member, $"takes {Names.Full(type)}, which is neither a mediator nor a port");
        }

        if (taken.Count > Most)
        {
            yield return Violation.In(subject, $"takes {taken.Count} things and may take {Most}");
        }

        foreach (var use in code.UsesOf(subject).Where(u => u.TargetName is "Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions" or "System.IServiceProvider"))
        {
            yield return Violation.Of(use);
        }
    }

    private static bool IsPort(TypeReference type) => Names.Full(type) is "MediatR.IMediator" or "System.TimeProvider"
        || (CodeBase.LayerOf(type) == Layer.Application && Hierarchy.Find(type)?.IsInterface == true && !Hierarchy.Is(type, "Payments.Application.Shared.IUnitOfWork"));
}

public sealed class Every_action_says_who_may_call_it : RuleSpec
{
    private const string Users = "Payments.Api.Users.";

    private protected override Rule Rule => new ActionsSayWhoMayCall();

    private protected override IReadOnlyList<string> Planted =>
    [
        Users + "ForgetfulController.SaysNothing", Users + "ForgetfulController.SaysNoPolicy", Users + "ForgetfulController.SaysAnUnknownPolicy", Users + "ForgetfulController.SaysBoth",
        Users + "ForgetfulController.NamesRolesOnly",
        Users + "HandsDownController.Inherited", Users + "PlainController.Get",
    ];

    [Fact]
    public void It_reads_every_action() => CodeBase.Product.TypesOf(Layer.Api).Where(Controllers.Is).SelectMany(Controllers.Actions).Count().ShouldBeGreaterThan(15);
}

public sealed class Every_endpoint_is_an_action : RuleSpec
{
    private protected override Rule Rule => new EndpointsAreActions();

    private protected override IReadOnlyList<string> Planted => ["Payments.Api.Edge.MapsByHand.Map", "Program.Map"];
}

public sealed class Every_route_begins_with_api_v1 : RuleSpec
{
    private const string Users = "Payments.Api.Users.";

    private protected override Rule Rule => new RoutesBeginWithTheVersion();

    private protected override IReadOnlyList<string> Planted =>
    [
        Users + "StrayController.Get", Users + "StrayController.Escaped", Users + "StrayController.AnyVerb", Users + "PlainController.Get", Users + "HandsDownController.Inherited",
    ];
}

public sealed class Controllers_take_a_mediator_and_ports : RuleSpec
{
    private const string Users = "Payments.Api.Users.";

    private protected override Rule Rule => new ControllersAreThin();

    private protected override IReadOnlyList<string> Planted => [Users + "FatController", Users + "FatController.constructor", Users + "FatController.Locate", Users + "FatController.Given"];
}
