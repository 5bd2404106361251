using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Payments.Architecture.Tests.Reading;

/// <summary>One type knows another.</summary>
/// <param name="Member">Where; empty when the type itself says it (base, interface, attribute, constraint).</param>
/// <param name="Target">The known type: never an array, a pointer or a closed generic, but what these are made of.</param>
/// <param name="Called">Its member, where one is named.</param>
internal sealed record Use(TypeDefinition Owner, string Member, TypeReference Target, MemberReference? Called = null)
{
    public string TargetName => Names.Full(Target);

    public string Sentence => $"{Names.Full(Owner)} uses {TargetName}{(Called is null ? "" : "." + Called.Name)}{(Member.Length == 0 ? "" : $" in {Member}")}";
}

/// <summary>Finds what a type knows. Reads metadata and bodies; nothing is loaded or run.</summary>
internal static class UseReader
{
    public static IEnumerable<Use> Read(TypeDefinition owner) =>
        CodeBase.PartsOf(owner).SelectMany(part => OfPart(owner, part)).Where(use => !IsOfTheCompiler(use.Target)).Distinct();

    /// <summary>The named types that a reference is made of.</summary>
    public static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        RequiredModifierType modified => [.. Parts(modified.ModifierType), .. Parts(modified.ElementType)],
        OptionalModifierType modified => [.. Parts(modified.ModifierType), .. Parts(modified.ElementType)],
        FunctionPointerType pointer => [.. Parts(pointer.ReturnType), .. pointer.Parameters.SelectMany(p => Parts(p.ParameterType))],
        TypeSpecification made => Parts(made.ElementType),
        _ => [type],
    };

    // Anonymous types, closures, read-only lists of collection expressions: what they are made of is seen where they are made.
    private static bool IsOfTheCompiler(TypeReference type) => type.Name.StartsWith('<') || (type.DeclaringType is { } outer && IsOfTheCompiler(outer));

    private static IEnumerable<Use> OfPart(TypeDefinition owner, TypeDefinition part)
    {
        IEnumerable<TypeReference> itself =
        [
            .. Parts(part.BaseType),
            .. part.Interfaces.SelectMany(i => Parts(i.InterfaceType).Concat(Attributes(i))),
            .. Attributes(part),
            .. Generics(part),
        ];
        // What a closure or state machine derives from is the compiler's affair.
        var own = part == owner ? itself.Select(t => new Use(owner, "", t)) : [];
        return own
            // A lambda's cached delegate only repeats what the lambda says.
            .Concat(part.Fields.Where(f => !f.Name.StartsWith("<>9", StringComparison.Ordinal)).SelectMany(f => Parts(f.FieldType).Concat(Attributes(f)).Select(t => new Use(owner, Names.Member(f), t))))
            .Concat(part.Properties.SelectMany(p => Attributes(p).Select(t => new Use(owner, p.Name, t))))
            .Concat(part.Events.SelectMany(e => Parts(e.EventType).Concat(Attributes(e)).Select(t => new Use(owner, e.Name, t))))
            .Concat(part.Methods.SelectMany(m => OfMethod(owner, m)));
    }

    private static IEnumerable<Use> OfMethod(TypeDefinition owner, MethodDefinition method)
    {
        var member = Names.Member(method);
        IEnumerable<TypeReference> signature =
        [
            .. Parts(method.ReturnType),
            .. method.Parameters.SelectMany(p => Parts(p.ParameterType).Concat(Attributes(p))),
            .. Attributes(method),
            .. Attributes(method.MethodReturnType),
            .. Generics(method),
            .. method.Overrides.SelectMany(o => Parts(o.DeclaringType)),
        ];
        foreach (var type in signature)
        {
            yield return new Use(owner, member, type);
        }

        if (!method.HasBody)
        {
            yield break;
        }

        foreach (var type in method.Body.Variables.SelectMany(v => Parts(v.VariableType)).Concat(method.Body.ExceptionHandlers.SelectMany(h => Parts(h.CatchType))))
        {
            yield return new Use(owner, member, type);
        }

        foreach (var (type, called) in method.Body.Instructions.SelectMany(Operands))
        {
            yield return new Use(owner, member, type, called);
        }
    }

    private static IEnumerable<(TypeReference Type, MemberReference? Called)> Operands(Instruction instruction)
    {
        switch (instruction.Operand)
        {
            case TypeReference type:
                return Parts(type).Select(t => (t, (MemberReference?)null));
            case FieldReference field:
                return [.. Named(field), .. Parts(field.FieldType).Select(t => (t, (MemberReference?)null))];
            case MethodReference method:
                IEnumerable<TypeReference> rest =
                [
                    .. Parts(method.ReturnType),
                    .. method.Parameters.SelectMany(p => Parts(p.ParameterType)),
                    .. method is GenericInstanceMethod generic ? generic.GenericArguments.SelectMany(Parts) : [],
                ];
                return [.. Named(method), .. rest.Select(t => (t, (MemberReference?)null))];
            case CallSite call:
                return Parts(call.ReturnType).Concat(call.Parameters.SelectMany(p => Parts(p.ParameterType))).Select(t => (t, (MemberReference?)null));
            default:
                return [];
        }
    }

    private static IEnumerable<(TypeReference Type, MemberReference? Called)> Named(MemberReference member) =>
        Parts(member.DeclaringType).Select((t, i) => (t, i == 0 ? Open(member) : null));

    // Without the type arguments, so that two closed forms of a method are one use.
    private static MemberReference Open(MemberReference member) => member is MethodReference method ? method.GetElementMethod() : member;

    private static IEnumerable<TypeReference> Generics(IGenericParameterProvider provider) =>
        provider.GenericParameters.SelectMany(g => g.Constraints.SelectMany(c => Parts(c.ConstraintType)).Concat(Attributes(g)));

    private static IEnumerable<TypeReference> Attributes(ICustomAttributeProvider provider) => provider.CustomAttributes.SelectMany(attribute =>
        Parts(attribute.AttributeType)
            .Concat(attribute.ConstructorArguments.SelectMany(OfArgument))
            .Concat(attribute.Fields.SelectMany(f => OfArgument(f.Argument)))
            .Concat(attribute.Properties.SelectMany(p => OfArgument(p.Argument))));

    private static IEnumerable<TypeReference> OfArgument(CustomAttributeArgument argument) => Parts(argument.Type).Concat(argument.Value switch
    {
        TypeReference type => Parts(type),
        CustomAttributeArgument boxed => OfArgument(boxed),
        CustomAttributeArgument[] array => array.SelectMany(OfArgument),
        _ => [],
    });
}
