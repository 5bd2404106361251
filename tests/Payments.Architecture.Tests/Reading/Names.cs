using System.Text.RegularExpressions;
using Mono.Cecil;

namespace Payments.Architecture.Tests.Reading;

/// <summary>Names as the source has them, from names as the compiler wrote them.</summary>
internal static partial class Names
{
    /// <summary>Namespace and type, nested ones with a dot, generic ones without their arity: <c>Payments.Domain.Shared.Page.Part</c>.</summary>
    public static string Full(TypeReference type)
    {
        var element = type.GetElementType();
        var name = Arity().Replace(FileLocal().Replace(element.Name, ""), "");
        return element.DeclaringType is { } outer ? $"{Full(outer)}.{name}"
            : element.Namespace.Length == 0 ? name
            : $"{element.Namespace}.{name}";
    }

    public static string Namespace(TypeReference type) => Outermost(type).Namespace;

    public static TypeReference Outermost(TypeReference type)
    {
        var element = type.GetElementType();
        return element.DeclaringType is { } outer ? Outermost(outer) : element;
    }

    /// <summary>The assembly that the reference points to; of a type in the same assembly, that one.</summary>
    public static string Assembly(TypeReference type) => Outermost(type).Scope switch
    {
        ModuleDefinition module => module.Assembly.Name.Name,
        var scope => scope.Name,
    };

    /// <summary>What the compiler makes of lambdas, async methods, iterators and anonymous types; no C# name has an angle bracket.</summary>
    public static bool IsGenerated(TypeDefinition type) => type.Name.Contains('<', StringComparison.Ordinal) && !FileLocal().IsMatch(type.Name);

    /// <summary>The type that a person wrote: state machines and closures belong to the one around them.</summary>
    public static TypeDefinition Owner(TypeDefinition type) => IsGenerated(type) && type.DeclaringType is { } outer ? Owner(outer) : type;

    /// <summary>The method or property that a person wrote, whatever the compiler split it into.</summary>
    public static string Member(MethodDefinition method)
    {
        if (FromGenerated(method.Name) is { } named)
        {
            return Plain(named);
        }

        for (var type = method.DeclaringType; type is not null && IsGenerated(type); type = type.DeclaringType)
        {
            if (FromGenerated(type.Name) is { } machine)
            {
                return Plain(machine);
            }
        }

        return IsGenerated(method.DeclaringType) ? "" : Plain(method.Name);
    }

    /// <summary>The field or property; of what a state machine or closure keeps, the method or the variable.</summary>
    public static string Member(FieldDefinition field) => (IsGenerated(field.DeclaringType) ? FromGenerated(field.DeclaringType.Name) : null)
        ?? FromGenerated(field.Name)
        ?? (field.Name.Contains('<', StringComparison.Ordinal) ? "" : field.Name);

    private static string? FromGenerated(string name) => Generated().Match(name) is { Success: true } match ? match.Groups["name"].Value : null;

    private static string Plain(string name)
    {
        if (name is ".ctor" or ".cctor")
        {
            return "constructor";
        }

        var last = name[(name.LastIndexOf('.') + 1)..];
        return Accessor().Replace(last, "");
    }

    [GeneratedRegex("`[0-9]+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Arity();

    [GeneratedRegex("^<[A-Za-z0-9_]+>F[0-9A-F]+__", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileLocal();

    [GeneratedRegex(@"^<+(?<name>[A-Za-z0-9_.@]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Generated();

    [GeneratedRegex("^(get|set|add|remove)_", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Accessor();
}
