using Mono.Cecil;

namespace Payments.Architecture.Tests.Reading;

/// <summary>What a type is, up to the framework.</summary>
internal static class Hierarchy
{
    private static readonly Dictionary<(string Assembly, string Type), HashSet<string>> Known = [];

    /// <summary>Whether the type is, derives from or implements the one with this full name.</summary>
    public static bool Is(TypeReference type, string name)
    {
        var key = (Names.Assembly(type), type.FullName);
        if (!Known.TryGetValue(key, out var ancestors))
        {
            Known[key] = ancestors = [.. Ancestors(type).Select(Names.Full)];
        }

        return ancestors.Contains(name);
    }

    /// <summary>The type, its bases, and the interfaces of all of them. What cannot be found is its own only ancestor.</summary>
    public static IEnumerable<TypeReference> Ancestors(TypeReference type)
    {
        yield return type;
        if (Find(type) is not { } found)
        {
            yield break;
        }

        foreach (var ancestor in found.Interfaces.Select(i => i.InterfaceType).Append(found.BaseType).OfType<TypeReference>().SelectMany(Ancestors))
        {
            yield return ancestor;
        }
    }

    public static TypeDefinition? Find(TypeReference type)
    {
        try
        {
            return type.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            return null;
        }
    }

    public static bool IsRecord(TypeDefinition type) => type.Methods.Any(m => m.Name == "<Clone>$");

    public static bool IsStatic(TypeDefinition type) => type is { IsAbstract: true, IsSealed: true };

    public static bool Has(ICustomAttributeProvider provider, string attribute) => provider.CustomAttributes.Any(a => a.AttributeType.FullName == attribute);
}
