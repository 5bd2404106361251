using Mono.Cecil;
using Mono.Cecil.Cil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>Rule 8. Time, ids and randomness come in as arguments: what a use case decides can be decided again in a test.</summary>
internal sealed class NoClockAndNoChance : Rule
{
    /// <summary>Types, and of some only members, that read a clock or throw dice.</summary>
    private static readonly Dictionary<string, string[]> Banned = new(StringComparer.Ordinal)
    {
        ["System.DateTime"] = [],
        ["System.DateTimeOffset"] = ["get_Now", "get_UtcNow", "get_DateTime", "get_LocalDateTime", "ToLocalTime"],
        ["System.TimeProvider"] = ["get_System"],
        ["System.TimeZoneInfo"] = ["get_Local"],
        ["System.Environment"] = ["get_TickCount", "get_TickCount64"],
        ["System.Diagnostics.Stopwatch"] = [],
        ["System.Threading.Timer"] = [],
        ["System.Threading.Thread"] = ["Sleep"],
        ["System.Threading.Tasks.Task"] = ["Delay"],
        ["System.Guid"] = ["NewGuid", "CreateVersion7"],
        ["System.Random"] = [],
        ["System.Security.Cryptography.RandomNumberGenerator"] = [],
        ["System.IO.Path"] = ["GetRandomFileName", "GetTempFileName"],
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Domain, Layer.Application);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) => code.UsesOf(subject)
        .Where(use => Banned.TryGetValue(use.TargetName, out var members) && (members.Length == 0 || members.Contains(use.Called?.Name, StringComparer.Ordinal)))
        .Select(Violation.Of);
}

/// <summary>Rule 8. Whole numbers only: what binary fractions cannot hold exactly is neither stored, passed nor computed with.</summary>
internal sealed class NoFractions : Rule
{
    private static readonly HashSet<string> Fractions = ["System.Single", "System.Double", "System.Half"];

    private static readonly HashSet<Code> Opcodes = [Code.Ldc_R4, Code.Ldc_R8, Code.Conv_R4, Code.Conv_R8, Code.Conv_R_Un];

    public override IReadOnlyDictionary<string, string> Excuses { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Payments.Application.Payments.Charges.PaymentTelemetry"] = "How long something took, in OpenTelemetry's unit: measured, and never decided upon.",
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Domain, Layer.Application);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) =>
    [
        .. code.UsesOf(subject).Where(use => Fractions.Contains(use.TargetName)).Select(Violation.Of),
        .. CodeBase.MethodsOf(subject).Where(m => m.HasBody && m.Body.Instructions.Any(i => Opcodes.Contains(i.OpCode.Code)))
            .Select(m => Violation.In(subject, Names.Member(m), "computes with binary fractions")),
    ];
}

/// <summary>Rule 8. An amount is <c>Money</c>: a bare number forgets its currency.</summary>
internal sealed class AmountsAreMoney : Rule
{
    private const string CreditsAreCounted = "Credits are counted, not money.";
    private const string WireFormat = "A message's content: minor units and currency side by side, as they are written.";

    private static readonly string[] Endings = ["Amount", "Price", "Total", "Minor"];

    private static readonly HashSet<string> Numbers =
    [
        "System.Byte", "System.SByte", "System.Int16", "System.UInt16", "System.Int32", "System.UInt32", "System.Int64", "System.UInt64", "System.Int128", "System.UInt128",
        "System.IntPtr", "System.UIntPtr", "System.Single", "System.Double", "System.Half", "System.Decimal", "System.Numerics.BigInteger",
    ];

    public override IReadOnlyDictionary<string, string> Excuses { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Payments.Domain.Shared.Money"] = "It is what an amount is.",
        ["Payments.Domain.Payments.Charges.PaymentTerms.MaximumMinor"] = "The provider's limit is eight digits in any currency.",
        ["Payments.Domain.Users.Credits.CreditHold.Amount"] = CreditsAreCounted,
        ["Payments.Domain.Users.Credits.CreditHoldPart.Amount"] = CreditsAreCounted,
        ["Payments.Application.Users.Credits.ISpend.Amount"] = CreditsAreCounted,
        ["Payments.Application.Users.Credits.ConsumeCredits"] = CreditsAreCounted,
        ["Payments.Application.Users.Credits.Consumption"] = CreditsAreCounted,
        ["Payments.Application.Users.Credits.HoldCredits"] = CreditsAreCounted,
        ["Payments.Application.Users.Credits.HoldView"] = CreditsAreCounted,
        ["Payments.Application.Users.Credits.CaptureHold"] = CreditsAreCounted,
        ["Payments.Application.Payments.Checkout.IPurchase.CreditAmount"] = CreditsAreCounted,
        ["Payments.Application.Payments.Checkout.StartCheckout"] = CreditsAreCounted,
        ["Payments.Application.Payments.Checkout.StartIntent"] = CreditsAreCounted,
        ["Payments.Application.Payments.Contracts.PaymentSucceeded"] = WireFormat,
        ["Payments.Application.Payments.Contracts.RefundIssued"] = WireFormat,
        ["Payments.Application.Payments.Contracts.RefundFailed"] = WireFormat,
        ["Payments.Application.Payments.Contracts.DisputeOpened"] = WireFormat,
        ["Payments.Application.Payments.Contracts.DisputeClosed"] = WireFormat,
        ["Payments.Application.Payments.Refunds.IssueRefund"] = "the caller may leave the currency out: it is the payment's, which only its row knows",
        ["Payments.Application.Payments.Refunds.PreviewRefund"] = "the caller may leave the currency out: it is the payment's, which only its row knows",
        ["Payments.Application.Payments.Contracts.PaymentReturned"] = WireFormat,
        ["Payments.Application.Payments.Contracts.PaymentFailed"] = WireFormat,
        ["Payments.Application.Payments.Contracts.InvoicePaymentFailed"] = WireFormat,
        ["Payments.Application.Payments.Contracts.InvoiceActionRequired"] = WireFormat,
        ["Payments.Application.Payments.Contracts.SubscriptionStarted"] = WireFormat,
        ["Payments.Application.Payments.Contracts.TrialEnding"] = WireFormat,
        ["Payments.Application.Payments.Contracts.GraceEnding"] = WireFormat,
        ["Payments.Application.Payments.Contracts.RenewalUpcoming"] = WireFormat,
    };

    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) => code.TypesOf(Layer.Domain, Layer.Application);

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code) =>
    [
        .. subject.Properties.Where(p => p.GetMethod?.IsPublic == true || p.SetMethod?.IsPublic == true)
            .Where(p => IsAmount(p.Name, p.PropertyType))
            .Select(p => Violation.In(subject, p.Name, "has an amount that is no Money")),
        .. subject.Fields.Where(f => f.IsPublic && IsAmount(f.Name, f.FieldType))
            .Select(f => Violation.In(subject, f.Name, "has an amount that is no Money")),
        .. subject.Methods.Where(m => m.IsPublic && !m.IsSetter)
            .SelectMany(m => m.Parameters.Where(p => IsAmount(p.Name, p.ParameterType)).Select(p => Violation.In(subject, Names.Member(m), $"takes an amount that is no Money ({p.Name})"))),
    ];

    private static bool IsAmount(string name, TypeReference type) =>
        Endings.Any(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) && UseReader.Parts(type).Any(t => Numbers.Contains(Names.Full(t)));
}

public sealed class Domain_and_application_read_no_clock_and_throw_no_dice : RuleSpec
{
    private const string Users = "Payments.Domain.Users.";

    private protected override Rule Rule => new NoClockAndNoChance();

    private protected override IReadOnlyList<string> Planted =>
    [
        Users + "ReadsTheClock.Local", Users + "ReadsTheClock.Utc", Users + "ReadsTheClock.OffsetLocal", Users + "ReadsTheClock.OffsetUtc", Users + "ReadsTheClock.InALambda",
        Users + "HoldsADateTime.at", Users + "HoldsADateTime.On", Users + "Ticks.TickCount", Users + "Ticks.Timestamp",
        Users + "ThrowsDice.Id", Users + "ThrowsDice.OrderedId", Users + "ThrowsDice.Number", Users + "ThrowsDice.Secret",
        "Payments.Application.Users.TakesTheSystemClock.constructor", "Payments.Application.Users.WaitsForIt.RunAsync",
    ];
}

public sealed class Domain_and_application_have_no_float_and_no_double : RuleSpec
{
    private const string Users = "Payments.Domain.Users.";

    private protected override Rule Rule => new NoFractions();

    private protected override IReadOnlyList<string> Planted =>
    [
        Users + "Fractions.rate", Users + "Fractions.Single", Users + "Fractions.InALocal", Users + "Fractions.InACall", Users + "Fractions.InASpan", Users + "Fractions.AsAnArgument", Users + "Fractions.InAList",
        Users + "Fractions.constructor",
        "Payments.Application.Users.SharesOut.Half",
    ];
}

public sealed class No_amount_is_outside_Money : RuleSpec
{
    private protected override Rule Rule => new AmountsAreMoney();

    private protected override IReadOnlyList<string> Planted =>
    [
        "Payments.Domain.Payments.BareAmounts.Amount", "Payments.Domain.Payments.BareAmounts.UnitPrice", "Payments.Domain.Payments.BareAmounts.Subtotal", "Payments.Domain.Payments.BareAmounts.TaxMinor",
        "Payments.Domain.Payments.BareAmounts.Charge", "Payments.Domain.Payments.BareAmounts.constructor", "Payments.Domain.Payments.BareAmounts.Prices",
        "Payments.Application.Payments.BareCommand.Amount", "Payments.Application.Payments.BareCommand.constructor", "Payments.Application.Payments.BareCommand.Deconstruct",
    ];
}
