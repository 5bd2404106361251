using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Payments.Architecture.Tests.Reading;

/// <summary>A refusal as the code makes it.</summary>
/// <param name="Kind">The name of its <c>RefusalKind</c>.</param>
/// <param name="Detail">Its message, with … for what is only known when it is made.</param>
internal sealed record RefusalFact(string Code, string Kind, string Detail, string Where);

/// <summary>Finds where refusals are made, and with which code: the code is a literal at that place, or else this fails.</summary>
internal static partial class Refusals
{
    private const string Unknown = "…";
    private const string Refusal = "Payments.Domain.Shared.Refusal";

    // The webhook's endpoint answers without throwing; its no is always a 400.
    private const string Verdict = "Payments.Application.Payments.Webhooks.WebhookVerdict";

    // The document tells of refusals that others make.
    private const string Documents = "Payments.Api.Edge.Documents";

    public static IEnumerable<RefusalFact> In(MethodDefinition method) => method.HasBody && Names.Namespace(method.DeclaringType) != Documents
        ? method.Body.Instructions.Where(i => i.OpCode == OpCodes.Newobj).Select(made => (Made: made, Type: ((MethodReference)made.Operand).DeclaringType.FullName))
            .Where(made => made.Type == Refusal || made.Type == Verdict).Select(made => Of(method, made.Made, made.Type)).OfType<RefusalFact>()
        : [];

    private static RefusalFact? Of(MethodDefinition method, Instruction made, string type)
    {
        var code = made.Previous;
        while (code is not null && !(code.OpCode == OpCodes.Ldstr && Code().IsMatch((string)code.Operand) && (type == Verdict || KindOf(code.Previous) is not null)))
        {
            code = code.Previous;
        }

        // A verdict without a code is a yes.
        return code is null && type == Verdict ? null
            : type == Verdict ? new RefusalFact((string)code!.Operand, "Invalid", DetailOf(code.Next, made, lastIsField: false), Where(method))
            : code is null
            ? throw new InvalidOperationException($"{method.FullName} makes a refusal whose code is not written there.")
            : new RefusalFact((string)code.Operand, NameOf(made, KindOf(code.Previous)!.Value), DetailOf(code.Next, made, lastIsField: true), Where(method));
    }

    private static string Where(MethodDefinition method) => $"{Names.Full(method.DeclaringType)}.{Names.Member(method)}";

    /// <summary>What is written between the code and the constructor; of a message with two forms the first.</summary>
    private static string DetailOf(Instruction from, Instruction made, bool lastIsField)
    {
        var text = "";
        for (var at = from; at != made; at = at.Next)
        {
            if (at.OpCode == OpCodes.Br || at.OpCode == OpCodes.Br_S)
            {
                break;
            }

            // The last literal before the constructor is the field.
            if (at.OpCode == OpCodes.Ldstr && (at.Next != made || !lastIsField || text.Length == 0))
            {
                text += (string)at.Operand;
            }
            else if (at.Operand is MethodReference { Name: "AppendFormatted" })
            {
                text += Unknown;
            }
        }

        return text.Trim() is "" or Unknown ? "The request was refused; the detail says why." : text;
    }

    private static int? KindOf(Instruction? instruction) => instruction?.OpCode.Code switch
    {
        >= Mono.Cecil.Cil.Code.Ldc_I4_0 and <= Mono.Cecil.Cil.Code.Ldc_I4_8 => instruction.OpCode.Code - Mono.Cecil.Cil.Code.Ldc_I4_0,
        _ => null,
    };

    private static string NameOf(Instruction made, int kind) => ((MethodReference)made.Operand).Resolve().Parameters[0].ParameterType.Resolve()
        .Fields.Single(f => f.HasConstant && (int)f.Constant == kind).Name;

    [GeneratedRegex("^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
