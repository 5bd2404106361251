using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>Nobody can wait for an <c>async void</c> or catch what it throws: it ends the process.</summary>
internal sealed class NoAsyncVoid : Rule
{
    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.Types;

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => CodeBase.MethodsOf(subject)
        .Where(m => m.ReturnType.FullName == "System.Void" && Hierarchy.Has(m, "System.Runtime.CompilerServices.AsyncStateMachineAttribute"))
        .Select(m => Violation.In(subject, Names.Member(m), "has an async void"));
}

/// <summary>
/// A thread that waits for a task is a thread that serves nobody. By hand in an async method <c>GetAwaiter().GetResult()</c>
/// looks like an await once compiled, and is not found.
/// </summary>
internal sealed class NoBlocking : Rule
{
    private static readonly HashSet<string> Awaiters =
    [
        "System.Runtime.CompilerServices.TaskAwaiter", "System.Runtime.CompilerServices.ValueTaskAwaiter",
        "System.Runtime.CompilerServices.ConfiguredTaskAwaitable.ConfiguredTaskAwaiter", "System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter",
    ];

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.Types;

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) =>
        from method in CodeBase.MethodsOf(subject)
        where method.HasBody && method.Name != "<Main>"
        from instruction in method.Body.Instructions
        let called = instruction.Operand as MethodReference
        where called is not null && Blocks(called, method)
        select Violation.In(subject, Names.Member(method), $"blocks on {Names.Full(called.DeclaringType)}.{called.Name}");

    private static bool Blocks(MethodReference called, MethodDefinition caller) => (Names.Full(called.DeclaringType), called.Name) switch
    {
        ("System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask", "get_Result" or "Wait" or "WaitAll" or "WaitAny") => true,
        (var type, "GetResult") => Awaiters.Contains(type) && caller.Name != "MoveNext",
        _ => false,
    };
}

/// <summary>
/// Anything else is a bug or an outage: let it rise, never catch to carry on. A <c>when</c> says what is meant, and a
/// <c>throw</c> lets it rise.
/// </summary>
internal sealed class NobodySwallowsEverything : Rule
{
    public override IReadOnlyDictionary<string, string> Excuses { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Payments.Api.Edge.Idempotency.IdempotencyFilter.AbandonAsync"] = "The request's own failure is what the caller has to hear; the claim is taken over later.",
        ["Payments.Infrastructure.Database.Inbox.InboxWriter.StoreAsync"] = "Every sender is told, by the answer that makes it send again.",
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Domain, Layer.Application, Layer.Infrastructure, Layer.Api);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) =>
        from method in CodeBase.MethodsOf(subject)
        where method.HasBody
        from handler in method.Body.ExceptionHandlers
        where handler.HandlerType == ExceptionHandlerType.Catch && handler.CatchType?.FullName is "System.Exception" or "System.Object"
        where !IsOfTheCompiler(method, handler) && !Rethrows(method, handler)
        select Violation.In(subject, Names.Member(method), "catches every exception and carries on");

    private static IEnumerable<Instruction> Body(MethodDefinition method, ExceptionHandler handler) =>
        method.Body.Instructions.Where(i => i.Offset >= handler.HandlerStart.Offset && (handler.HandlerEnd is null || i.Offset < handler.HandlerEnd.Offset));

    // A state machine hands what its method throws to the task.
    private static bool IsOfTheCompiler(MethodDefinition method, ExceptionHandler handler) =>
        method.Name == "MoveNext" && Body(method, handler).Any(i => i.Operand is MethodReference { Name: "SetException" } set && IsBuilder(set));

    private static bool IsBuilder(MethodReference set) =>
        set.DeclaringType.Name.Contains("MethodBuilder", StringComparison.Ordinal) || set.DeclaringType.Name.StartsWith("ManualResetValueTaskSourceCore", StringComparison.Ordinal);

    // Where something is awaited in a catch or finally, the compiler throws again behind it.
    private static bool Rethrows(MethodDefinition method, ExceptionHandler handler) =>
        Body(method, handler).Any(i => i.OpCode.Code is Code.Rethrow or Code.Throw)
        || method.Body.Instructions.Any(i => i.Operand is MethodReference { Name: "Throw", DeclaringType.FullName: "System.Runtime.ExceptionServices.ExceptionDispatchInfo" });
}

/// <summary>Sealed unless something derives from it: inheritance is a decision.</summary>
internal sealed class ClassesAreSealed : Rule
{
    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.Types.Where(t =>
        t is { IsClass: true, IsValueType: false, IsAbstract: false } && CodeBase.LayerOf(t) != Layer.None && Names.Full(t) != "Program"
        && !Below(Names.Full(t), "Payments.Infrastructure.Database.Migrations"));

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        var name = Names.Full(subject);
        if (!subject.IsSealed && !code.Types.Any(t => t.BaseType is { } parent && Names.Full(parent) == name))
        {
            yield return Violation.In(subject, "is neither sealed nor derived from");
        }
    }
}

/// <summary>No SQL reads the clock or makes ids: due times are parameters. Migrations may, for <c>updated_at</c>.</summary>
internal sealed partial class SqlReadsNoClock : Rule
{
    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Domain, Layer.Application, Layer.Infrastructure, Layer.Api)
        .Where(t => !Below(Names.Full(t), "Payments.Infrastructure.Database.Migrations"));

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) =>
        from method in CodeBase.MethodsOf(subject)
        where method.HasBody
        from text in method.Body.Instructions.Where(i => i.OpCode == OpCodes.Ldstr).Select(i => (string)i.Operand)
        from Match match in Clock().Matches(text)
        select Violation.In(subject, Names.Member(method), $"has SQL that says {match.Value}");

    [GeneratedRegex(@"\b(now\s*\(\s*\)|(clock|statement|transaction)_timestamp\s*\(|current_(timestamp|date|time)\b|localtime(stamp)?\b|gen_random_uuid\s*\(|uuidv[47]\s*\(|timeofday\s*\()", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Clock();
}

public sealed class Nothing_is_async_void : RuleSpec
{
    private protected override Rule Rule => new NoAsyncVoid();

    private protected override IReadOnlyList<string> Planted => ["Payments.Infrastructure.Habits.AsyncVoid.Run", "Payments.Infrastructure.Habits.AsyncVoid.InALambda"];
}

public sealed class Nobody_blocks_on_a_task : RuleSpec
{
    private const string Habit = "Payments.Infrastructure.Habits.Blocks.";

    private protected override Rule Rule => new NoBlocking();

    private protected override IReadOnlyList<string> Planted =>
        [Habit + "OnAResult", Habit + "OnAWait", Habit + "OnAnAwaiter", Habit + "OnAValueTask", Habit + "InALambda", Habit + "InAnAsyncMethod", Habit + "OnAll"];
}

public sealed class Nobody_catches_everything_to_carry_on : RuleSpec
{
    private const string Habit = "Payments.Infrastructure.Habits.Swallows.";

    private protected override Rule Rule => new NobodySwallowsEverything();

    private protected override IReadOnlyList<string> Planted => [Habit + "Everything", Habit + "Nameless", Habit + "Loudly", Habit + "InAnAsyncMethod", Habit + "AndAwaits", Habit + "InALambda"];
}

public sealed class Classes_are_sealed_unless_something_derives_from_them : RuleSpec
{
    private protected override Rule Rule => new ClassesAreSealed();

    private protected override IReadOnlyList<string> Planted =>
        ["Payments.Infrastructure.Habits.Open", "Payments.Application.Users.OpenRequest", "Payments.Application.Users.OpenHandler"];
}

public sealed class No_SQL_reads_the_clock : RuleSpec
{
    private const string Habit = "Payments.Infrastructure.Habits.Sql.";

    private protected override Rule Rule => new SqlReadsNoClock();

    private protected override IReadOnlyList<string> Planted => [Habit + "Now", Habit + "Timestamp", Habit + "Interpolated", Habit + "Id"];
}
