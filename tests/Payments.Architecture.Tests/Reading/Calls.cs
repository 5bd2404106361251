using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Payments.Architecture.Tests.Reading;

/// <summary>
/// Which methods may run when one is called: what it calls, what that calls, through every implementation of an interface,
/// through lambdas and state machines, and from a command to its handler and what runs around it. Some of it may never
/// happen; nothing that happens is missed, but for what is found by reflection.
/// </summary>
internal sealed class Calls
{
    private readonly Dictionary<string, List<MethodDefinition>> handlers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TypeDefinition>> heirs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MethodDefinition> methods = new(StringComparer.Ordinal);
    private readonly Dictionary<MethodDefinition, IReadOnlyList<MethodDefinition>> known = [];
    private readonly TypeDefinition[] around;

    public Calls(CodeBase code)
    {
        foreach (var type in code.Types.SelectMany(CodeBase.PartsOf))
        {
            foreach (var ancestor in Hierarchy.Ancestors(type).Select(Names.Full).Distinct(StringComparer.Ordinal))
            {
                Add(heirs, ancestor, type);
            }

            foreach (var face in type.Interfaces.Select(i => i.InterfaceType).OfType<GenericInstanceType>().Where(i => i.ElementType.FullName == "MediatR.IRequestHandler`2"))
            {
                handlers.TryAdd(face.GenericArguments[0].FullName, []);
                handlers[face.GenericArguments[0].FullName].AddRange(type.Methods.Where(m => m.Name == "Handle"));
            }

            foreach (var method in type.Methods)
            {
                methods[method.FullName] = method;
            }
        }

        around = [.. code.Types.Where(t => t.Interfaces.Any(i => i.InterfaceType.GetElementType().FullName == "MediatR.IPipelineBehavior`2"))];
    }

    /// <summary>The method, and every one that may run because of it.</summary>
    public IReadOnlyList<MethodDefinition> From(MethodDefinition start)
    {
        HashSet<MethodDefinition> found = [start];
        Stack<MethodDefinition> open = new([start]);
        while (open.TryPop(out var method))
        {
            foreach (var next in NextOf(method).Where(found.Add))
            {
                open.Push(next);
            }
        }

        return [.. found];
    }

    private IReadOnlyList<MethodDefinition> NextOf(MethodDefinition method) =>
        known.TryGetValue(method, out var next) ? next : known[method] = [.. Machine(method), .. method.HasBody ? method.Body.Instructions.SelectMany(Called).Distinct() : []];

    // What async methods and iterators do is in the state machine that they are turned into.
    private static IEnumerable<MethodDefinition> Machine(MethodDefinition method) => method.CustomAttributes
        .Where(a => a.AttributeType.Name is "AsyncStateMachineAttribute" or "IteratorStateMachineAttribute" or "AsyncIteratorStateMachineAttribute")
        .SelectMany(a => ((TypeReference)a.ConstructorArguments[0].Value).Resolve().Methods.Where(m => m.Name == "MoveNext"));

    private IEnumerable<MethodDefinition> Called(Instruction instruction)
    {
        if (instruction.Operand is not MethodReference called)
        {
            return [];
        }

        var open = called.GetElementMethod();
        if (instruction.OpCode == OpCodes.Newobj && handlers.TryGetValue(open.DeclaringType.FullName, out var handles))
        {
            return [.. handles, .. Around(open.DeclaringType.Resolve())];
        }

        // What the framework's own interfaces lead to is everything and says nothing: a lambda is found where it is written.
        if (!Names.Namespace(open.DeclaringType).StartsWith("Payments.", StringComparison.Ordinal) || methods.GetValueOrDefault(FullNameOf(open)) is not { } direct)
        {
            return [];
        }

        return !direct.IsVirtual ? [direct] : [direct, .. heirs.GetValueOrDefault(Names.Full(open.DeclaringType), [])
            .SelectMany(heir => heir.Methods)
            .Where(m => m.Parameters.Count == open.Parameters.Count && (m.Name == open.Name || m.Name.EndsWith("." + open.Name, StringComparison.Ordinal)))];
    }

    private IEnumerable<MethodDefinition> Around(TypeDefinition command) => around
        .Where(behaviour => behaviour.Name != "TurnsBehaviour`2" || Hierarchy.Is(command, "Payments.Application.Shared.ITakesTurns"))
        .SelectMany(behaviour => behaviour.Methods.Where(m => m.Name == "Handle"));

    // What is called of a generic type or method names its arguments otherwise than the definition does.
    private static string FullNameOf(MethodReference method) => (method.DeclaringType is GenericInstanceType || method.HasGenericParameters) && method.Resolve() is { } definition ? definition.FullName : method.FullName;

    private static void Add(Dictionary<string, List<TypeDefinition>> to, string key, TypeDefinition value)
    {
        to.TryAdd(key, []);
        to[key].Add(value);
    }
}
