using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Payments.Architecture.Tests.Reading;

/// <summary>
/// Compiled code, as the rules look at it. Two things stay hidden from whoever reads assemblies: the use of a constant
/// (the compiler copies its value) and <c>nameof</c>.
/// </summary>
internal sealed class CodeBase
{
    private readonly Dictionary<TypeDefinition, IReadOnlyList<Use>> uses = [];

    private CodeBase(IEnumerable<TypeDefinition> types) => Types = [.. types];

    /// <summary>What is delivered.</summary>
    public static CodeBase Product { get; } = Read("Payments.Domain", "Payments.Application", "Payments.Infrastructure", "Payments.Api", "Payments.Sandbox");

    /// <summary>One assembly that has the product's namespaces and breaks every rule.</summary>
    public static CodeBase Planted { get; } = Read("Payments.Architecture.Offenders");

    /// <summary>Every type that a person wrote, nested ones too.</summary>
    public IReadOnlyList<TypeDefinition> Types { get; }

    public IEnumerable<TypeDefinition> TypesOf(params IEnumerable<Layer> layers) => Types.Where(t => layers.Contains(LayerOf(t)));

    /// <summary>Everything that a type knows: in signatures, fields, bodies, attributes, type arguments, and in what the compiler made of it.</summary>
    public IReadOnlyList<Use> UsesOf(TypeDefinition type) => uses.TryGetValue(type, out var known) ? known : uses[type] = [.. UseReader.Read(type)];

    /// <summary>Methods with a body or without, lambdas, local functions and state machines among them.</summary>
    public static IEnumerable<MethodDefinition> MethodsOf(TypeDefinition type) => PartsOf(type).SelectMany(part => part.Methods);

    /// <summary>The type and what the compiler made of its lambdas, async methods and iterators.</summary>
    public static IEnumerable<TypeDefinition> PartsOf(TypeDefinition type) =>
        [type, .. type.NestedTypes.Where(Names.IsGenerated).SelectMany(PartsOf)];

    /// <summary>By namespace, so that a planted assembly is judged as the product is; <c>Program</c>, which has none, by its assembly.</summary>
    public static Layer LayerOf(TypeReference type) => Layers.Of(Names.Namespace(type)) is var layer and not Layer.None ? layer
        : Names.Full(Names.Outermost(type)) != "Program" ? Layer.None
        : Names.Assembly(type) is var assembly && assembly.StartsWith("Payments.", StringComparison.Ordinal) && Layers.Of(assembly) is var home and not Layer.None ? home
        : Layer.Api;

    private static CodeBase Read(params IEnumerable<string> assemblies)
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Frameworks.Core);
        resolver.AddSearchDirectory(Frameworks.AspNetCore);
        var parameters = new ReaderParameters { AssemblyResolver = resolver, ReadSymbols = true, SymbolReaderProvider = new DefaultSymbolReaderProvider(throwIfNoSymbol: false) };
        return new CodeBase(assemblies
            .Select(name => ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, name + ".dll"), parameters))
            .SelectMany(module => module.Types)
            .Where(IsWritten)
            .SelectMany(WithNested));
    }

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) =>
        [type, .. type.NestedTypes.Where(t => !Names.IsGenerated(t)).SelectMany(WithNested)];

    // Source generators and the compiler put their own types beside ours.
    private static bool IsWritten(TypeDefinition type) => !Names.IsGenerated(type)
        && !type.Namespace.StartsWith("Microsoft.", StringComparison.Ordinal)
        && !type.Namespace.StartsWith("System.", StringComparison.Ordinal)
        && !type.CustomAttributes.Any(a => a.AttributeType.FullName == "Microsoft.CodeAnalysis.EmbeddedAttribute");
}
