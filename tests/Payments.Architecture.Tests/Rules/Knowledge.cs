using Mono.Cecil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>Rule 1. What is always true needs nobody else to be true.</summary>
internal sealed class DomainKnowsOnlyTheBcl : Rule
{
    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Domain);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => code.UsesOf(subject)
        .Where(use => CodeBase.LayerOf(use.Target) != Layer.Domain && !Frameworks.IsBcl(Names.Assembly(use.Target)))
        .Select(Violation.Of);
}

/// <summary>The BCL has files, sockets and databases too; none of them is always true.</summary>
internal sealed class DomainTouchesNothingOutside : Rule
{
    private static readonly string[] Outside =
        ["System.IO", "System.Net", "System.Data", "System.Console", "System.Environment", "System.Diagnostics.Process", "System.Threading.Tasks", "System.Threading.Thread", "System.Reflection.Emit"];

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Domain);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => code.UsesOf(subject)
        // Iterators ask on which thread they are.
        .Where(use => Outside.Any(o => Below(use.TargetName, o)) && use.Called?.Name != "get_CurrentManagedThreadId")
        .Select(Violation.Of);
}

/// <summary>Rule 2. Use cases know the domain, how they are called, and sets of rows; not whose database, web framework or broker it is.</summary>
internal sealed class ApplicationKnowsOnlyDomainAndAbstractions : Rule
{
    private static readonly HashSet<string> Allowed = ["MediatR", "FluentValidation", "Microsoft.EntityFrameworkCore", "Microsoft.EntityFrameworkCore.Abstractions"];

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Application);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => code.UsesOf(subject)
        .Where(use => CodeBase.LayerOf(use.Target) is not (Layer.Application or Layer.Domain) && !IsAllowed(use.Target))
        .Select(Violation.Of);

    private static bool IsAllowed(TypeReference type)
    {
        var assembly = Names.Assembly(type);
        return CodeBase.LayerOf(type) == Layer.None && (Frameworks.IsBcl(assembly) || Allowed.Contains(assembly)
            || (assembly.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && assembly.EndsWith(".Abstractions", StringComparison.Ordinal)));
    }
}

/// <summary>Rule 3. HTTP in, HTTP out: the Api is joined to the Infrastructure in one file, and reads no table in any.</summary>
internal sealed class ApiLeavesInfrastructureToProgram : Rule
{
    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Api);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => code.UsesOf(subject)
        .Where(use => IsDatabase(use.Target) || (CodeBase.LayerOf(use.Target) == Layer.Infrastructure && Names.Full(Names.Outermost(subject)) != "Program"))
        .Select(Violation.Of);

    // The modules' narrow faces of the context are the context too.
    private static bool IsDatabase(TypeReference type) =>
        Names.Full(type) is "Microsoft.EntityFrameworkCore.DbSet"
        || Hierarchy.Is(type, "Microsoft.EntityFrameworkCore.DbContext")
        || Hierarchy.Is(type, "Payments.Application.Shared.IUnitOfWork");
}

/// <summary>The simulator judges the product, so it shares nothing with it: no type, and so no mistake.</summary>
internal sealed class SandboxStandsAlone : Rule
{
    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Sandbox);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => code.UsesOf(subject)
        .Where(use => CodeBase.LayerOf(use.Target) is not (Layer.None or Layer.Sandbox))
        .Select(Violation.Of);
}

/// <summary>The rules go by namespaces, so a namespace may not lie about its assembly.</summary>
internal sealed class TypesLiveWhereTheirAssemblySays : Rule
{
    public override IReadOnlyDictionary<string, string> Excuses { get; } = new Dictionary<string, string>
    {
        ["Program"] = "Top-level statements have no namespace; the rules know it by its assembly.",
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.Types;

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        var assembly = Names.Assembly(subject);
        // The planted assembly plays all of them.
        var home = Layers.Of(assembly) == Layer.None ? "Payments" : assembly;
        if (!Below(Names.Namespace(subject), home))
        {
            yield return Violation.In(subject, $"is in {assembly} and not in its namespace");
        }
    }
}

public sealed class Domain_references_only_the_BCL : RuleSpec
{
    private const string Places = "Payments.Domain.Users.HidingPlaces.";

    private protected override Rule Rule => new DomainKnowsOnlyTheBcl();

    // Every place where a use can hide, each in a type of its own: what this rule sees, the others see.
    private protected override IReadOnlyList<string> Planted =>
    [
        Places + "AsBase", Places + "AsBase.constructor",
        Places + "AsInterface", Places + "AsTypeArgumentOfABase", Places + "AsTypeArgumentOfABase.constructor",
        Places + "AsAttribute", Places + "AsAttributeArgument", Places + "AsAttributeArgumentInAnArray", Places + "AsAttributeOfAMember.Poke", Places + "AsAttributeOfAParameter.Poke",
        Places + "AsAttributeOfAProperty.Thing", Places + "AsConstraint", Places + "AsConstraintOfAMethod.Poke",
        Places + "AsField.thing", Places + "AsStaticField.Thing", Places + "AsProperty.Thing", Places + "AsParameter.Poke", Places + "AsOutParameter.Poke", Places + "AsResult.Poke",
        Places + "AsTypeArgument.things", Places + "AsArray.things", Places + "AsTuple.thing", Places + "AsNullable.part", Places + "AsEvent.Moved", Places + "AsDelegate.Invoke", Places + "AsDelegate.BeginInvoke",
        Places + "InABody.Poke", Places + "InAConstructor.constructor", Places + "InALambda.Poke", Places + "InALocalFunction.Poke", Places + "InAnAsyncMethod.Poke", Places + "InAnAsyncLambda.Poke", Places + "InAnIterator.Poke",
        Places + "InATypeof.Poke", Places + "InACast.Poke", Places + "InAPattern.Poke", Places + "InACatch.Poke", Places + "InAFilter.Poke", Places + "InATypeArgumentOfACall.Poke", Places + "InAQuery.Poke", Places + "InAnExpressionTree.Poke",
        Places + "InANestedType.Inner.thing", Places + "InAnAccessor.Thing", Places + "InAnInitializer.constructor", Places + "InAnOperator.op_UnaryPlus", Places + "InADefaultMethod.Poke",
        "Payments.Domain.Users.KnowsThePackages.mediator", "Payments.Domain.Users.KnowsThePackages.constructor",
        "Payments.Domain.Users.KnowsTheWebFramework.Read",
        "Payments.Domain.Users.KnowsTheUseCases.Read",
        "Payments.Domain.Users.KnowsLogging.Write",
    ];
}

public sealed class Domain_touches_nothing_outside : RuleSpec
{
    private protected override Rule Rule => new DomainTouchesNothingOutside();

    private protected override IReadOnlyList<string> Planted =>
    [
        "Payments.Domain.Users.ReadsFiles.Read", "Payments.Domain.Users.CallsHome.Call", "Payments.Domain.Users.Waits.Wait", "Payments.Domain.Users.ReadsTheEnvironment.Read",
        "Payments.Domain.Users.HidingPlaces.InAnAsyncMethod.Poke", "Payments.Domain.Users.HidingPlaces.InAnAsyncLambda.Poke", "Payments.Domain.Users.Ticks.TickCount",
    ];
}

public sealed class Application_references_only_the_domain_and_abstractions : RuleSpec
{
    private protected override Rule Rule => new ApplicationKnowsOnlyDomainAndAbstractions();

    private protected override IReadOnlyList<string> Planted =>
    [
        "Payments.Application.Users.KnowsPostgres.Read",
        "Payments.Application.Users.KnowsRelationalSql.Run",
        "Payments.Application.Users.KnowsTheWebFramework.Read",
        "Payments.Application.Users.KnowsHosting.Add",
        "Payments.Application.Users.KnowsInfrastructure.gadget",
        "Payments.Application.Users.KnowsTheApi.Read",
    ];
}

public sealed class Api_touches_infrastructure_only_from_Program_and_never_a_context : RuleSpec
{
    private protected override Rule Rule => new ApiLeavesInfrastructureToProgram();

    private protected override IReadOnlyList<string> Planted =>
    [
        "Payments.Api.Users.KnowsInfrastructure.gadget",
        "Payments.Api.Users.KnowsInfrastructureInALambda.Make",
        "Payments.Api.Users.ReadsTables.rows",
        "Payments.Api.Users.ReadsAContext.Read",
        "Payments.Api.Users.ReadsAModulesFace.Read",
        "Program.Context",
    ];
}

public sealed class Sandbox_shares_nothing_with_the_product : RuleSpec
{
    private protected override Rule Rule => new SandboxStandsAlone();

    private protected override IReadOnlyList<string> Planted => ["Payments.Sandbox.Accomplice.thing"];
}

public sealed class Types_live_in_the_namespace_of_their_assembly : RuleSpec
{
    private protected override Rule Rule => new TypesLiveWhereTheirAssemblySays();

    private protected override IReadOnlyList<string> Planted => ["Elsewhere.Stray"];
}
