using System.Collections.Frozen;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>How a card stands to 3-D Secure.</summary>
internal enum ThreeDSecure
{
    NotSupported,

    /// <summary>Supported, and not asked for.</summary>
    Optional,

    /// <summary>Asked for until the card was set up for later use.</summary>
    UnlessSetUp,

    /// <summary>Asked for whenever the buyer is there; without the buyer it was set up already.</summary>
    OnSession,

    /// <summary>Always asked for; without the buyer the charge is refused.</summary>
    Always,

    /// <summary>Asked for, and the lookup breaks.</summary>
    LookupFails,
}

/// <summary>Why a card is refused, in Stripe's words. Source: docs.stripe.com/testing.</summary>
internal sealed record Decline(string Code, string? DeclineCode, string Message)
{
    public string? Param { get; init; }

    public string? AdviceCode { get; init; }

    public string? NetworkDeclineCode { get; init; }

    /// <summary>Radar stopped it before any bank was asked.</summary>
    public bool Blocked { get; init; }

    public static readonly Decline Generic = new("card_declined", "generic_decline", "Your card was declined.") { AdviceCode = "try_again_later", NetworkDeclineCode = "01" };
    public static readonly Decline InsufficientFunds = new("card_declined", "insufficient_funds", "Your card has insufficient funds.") { AdviceCode = "try_again_later", NetworkDeclineCode = "51" };
    public static readonly Decline Lost = new("card_declined", "lost_card", "Your card was declined.") { AdviceCode = "do_not_try_again", NetworkDeclineCode = "41" };
    public static readonly Decline Stolen = new("card_declined", "stolen_card", "Your card was declined.") { AdviceCode = "do_not_try_again", NetworkDeclineCode = "43" };
    public static readonly Decline Velocity = new("card_declined", "card_velocity_exceeded", "Your card was declined.") { AdviceCode = "try_again_later", NetworkDeclineCode = "65" };
    public static readonly Decline Expired = new("expired_card", null, "Your card has expired.") { Param = "exp_month", AdviceCode = "do_not_try_again", NetworkDeclineCode = "54" };
    public static readonly Decline IncorrectCvc = new("incorrect_cvc", null, "Your card's security code is incorrect.") { Param = "cvc", AdviceCode = "confirm_card_data", NetworkDeclineCode = "N7" };
    public static readonly Decline Processing = new("processing_error", null, "An error occurred while processing your card. Try again in a little bit.") { AdviceCode = "try_again_later" };
    public static readonly Decline Fraudulent = new("card_declined", "fraudulent", "Your card was declined.") { Blocked = true };
    public static readonly Decline IncorrectNumber = new("incorrect_number", null, "Your card number is incorrect.") { Param = "number" };
    public static readonly Decline AuthenticationRequired = new("authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication.");
    public static readonly Decline NotATestCard = new("card_declined", "test_mode_live_card", "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing.");
}

/// <summary>One of Stripe's test cards, by its number and the PaymentMethod id that stands for it.</summary>
internal sealed record TestCard(string Number, string Brand)
{
    public string Funding { get; init; } = "credit";

    public string Country { get; init; } = "US";

    public ThreeDSecure Authentication { get; init; } = ThreeDSecure.Optional;

    /// <summary>Every charge is refused so; attaching it to a customer too, unless <see cref="Attaches"/>.</summary>
    public Decline? Refused { get; init; }

    /// <summary>Can be attached to a customer although its charges are refused: the card for dunning.</summary>
    public bool Attaches { get; init; }

    /// <summary>Refused once the buyer has authenticated.</summary>
    public Decline? RefusedAfterAuthentication { get; init; }

    /// <summary>What its payments bring upon themselves, if anything.</summary>
    public Aftermath? Aftermath { get; init; }

    /// <summary>How its refunds go.</summary>
    public RefundCourse Refunds { get; init; } = RefundCourse.Succeeds;

    public string CvcCheck { get; init; } = "pass";

    public string? PostalCodeCheck { get; init; }

    public string? LineCheck { get; init; }

    public string RiskLevel { get; init; } = "normal";

    public string Last4 => Number[^4..];

    public int CvcLength => Brand is "amex" ? 4 : 3;
}

/// <summary>What comes of a payment that has succeeded.</summary>
/// <param name="Reason">Stripe's word for why it is disputed; null when it is not.</param>
internal sealed record Aftermath(string? Reason)
{
    /// <summary>An inquiry asks first and takes no money yet.</summary>
    public bool IsInquiry { get; init; }

    /// <summary>Cards can be argued about; bank debits cannot.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Disputed in so many parts.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>The issuer only warns.</summary>
    public bool IsFraudWarning { get; init; }
}

internal enum RefundCourse
{
    /// <summary>Succeeded at once.</summary>
    Succeeds,

    /// <summary>Pending first, then succeeded.</summary>
    Waits,

    /// <summary>Succeeded at first, and failed later.</summary>
    FailsLater,
}

internal static class TestCards
{
    private static readonly (string Ids, TestCard Card)[] Table =
    [
        ("visa", new("4242424242424242", "visa")),
        ("visa_debit", new("4000056655665556", "visa") { Funding = "debit" }),
        ("mastercard", new("5555555555554444", "mastercard")),
        ("", new("2223003122003222", "mastercard")),
        ("mastercard_debit", new("5200828282828210", "mastercard") { Funding = "debit" }),
        ("mastercard_prepaid", new("5105105105105100", "mastercard") { Funding = "prepaid" }),
        ("amex amex_threeDSecureNotSupported", new("378282246310005", "amex") { Authentication = ThreeDSecure.NotSupported }),
        ("", new("371449635398431", "amex") { Authentication = ThreeDSecure.NotSupported }),
        ("discover", new("6011111111111117", "discover")),
        ("", new("6011000990139424", "discover")),
        ("diners", new("3056930009020004", "diners")),
        ("", new("36227206271667", "diners")),
        ("jcb", new("3566002020360505", "jcb")),
        ("unionpay", new("6200000000000005", "unionpay")),
        ("bypassPending", new("4000000000000077", "visa")),
        ("bypassPendingInternational", new("4000003720000278", "visa") { Country = "IE" }),

        ("visa_chargeDeclined chargeDeclined", new("4000000000000002", "visa") { Refused = Decline.Generic }),
        ("visa_chargeDeclinedInsufficientFunds chargeDeclinedInsufficientFunds", new("4000000000009995", "visa") { Refused = Decline.InsufficientFunds }),
        ("visa_chargeDeclinedLostCard chargeDeclinedLostCard", new("4000000000009987", "visa") { Refused = Decline.Lost }),
        ("visa_chargeDeclinedStolenCard chargeDeclinedStolenCard", new("4000000000009979", "visa") { Refused = Decline.Stolen }),
        ("chargeDeclinedExpiredCard", new("4000000000000069", "visa") { Refused = Decline.Expired }),
        ("chargeDeclinedIncorrectCvc", new("4000000000000127", "visa") { Refused = Decline.IncorrectCvc, CvcCheck = "fail" }),
        ("chargeDeclinedProcessingError", new("4000000000000119", "visa") { Refused = Decline.Processing }),
        ("visa_chargeDeclinedVelocityLimitExceeded chargeDeclinedVelocityLimitExceeded", new("4000000000006975", "visa") { Refused = Decline.Velocity }),
        ("chargeCustomerFail", new("4000000000000341", "visa") { Refused = Decline.Generic, Attaches = true }),

        ("radarBlock", new("4100000000000019", "visa") { Refused = Decline.Fraudulent, RiskLevel = "highest" }),
        ("riskLevelHighest", new("4000000000004954", "visa") { RiskLevel = "highest" }),
        ("riskLevelElevated", new("4000000000009235", "visa") { RiskLevel = "elevated" }),
        ("cvcCheckFail", new("4000000000000101", "visa") { CvcCheck = "fail" }),
        ("avsZipFail", new("4000000000000036", "visa") { PostalCodeCheck = "fail" }),
        ("avsLine1Fail", new("4000000000000028", "visa") { LineCheck = "fail" }),
        ("avsFail", new("4000000000000010", "visa") { PostalCodeCheck = "fail", LineCheck = "fail" }),
        ("avsUnchecked", new("4000000000000044", "visa") { PostalCodeCheck = "unavailable", LineCheck = "unavailable" }),

        ("authenticationRequiredOnSetup", new("4000002500003155", "visa") { Country = "FR", Authentication = ThreeDSecure.UnlessSetUp }),
        ("authenticationRequired", new("4000002760003184", "visa") { Country = "DE", Authentication = ThreeDSecure.Always }),
        ("authenticationRequiredSetupForOffSession", new("4000003800000446", "visa") { Country = "IE", Authentication = ThreeDSecure.OnSession }),
        ("authenticationRequiredChargeDeclinedInsufficientFunds", new("4000008260003178", "visa")
        {
            Country = "GB", Authentication = ThreeDSecure.Always, RefusedAfterAuthentication = Decline.InsufficientFunds,
        }),
        ("threeDSecure2Required threeDSecureRequired", new("4000000000003220", "visa") { Authentication = ThreeDSecure.Always }),
        ("threeDSecureRequiredChargeDeclined", new("4000008400001629", "visa")
        {
            Authentication = ThreeDSecure.Always, RefusedAfterAuthentication = Decline.Generic,
        }),
        ("threeDSecureRequiredProcessingError", new("4000008400001280", "visa") { Authentication = ThreeDSecure.LookupFails }),
        ("threeDSecureOptional", new("4000000000003055", "visa")),
        ("threeDSecureOptionalProcessingError", new("4000000000003097", "visa")),

        ("createDispute", new("4000000000000259", "visa") { Aftermath = new("fraudulent") }),
        ("createDisputeProductNotReceived", new("4000000000002685", "visa") { Aftermath = new("product_not_received") }),
        ("createDisputeInquiry", new("4000000000001976", "visa") { Aftermath = new("fraudulent") { IsInquiry = true } }),
        ("createIssuerFraudRecord", new("4000000000005423", "visa") { Aftermath = new(Reason: null) { IsFraudWarning = true } }),
        ("createMultipleDisputes", new("4000000404000079", "visa") { Aftermath = new("fraudulent") { Parts = 2 } }),
        ("pendingRefund", new("4000000000007726", "visa") { Refunds = RefundCourse.Waits }),
        ("refundFail", new("4000000000005126", "visa") { Refunds = RefundCourse.FailsLater }),
    ];

    private static readonly FrozenDictionary<string, TestCard> ByNumberTable =
        Table.ToFrozenDictionary(row => row.Card.Number, row => row.Card, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, TestCard> ByNameTable = Table
        .SelectMany(row => row.Ids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => (Id: id, row.Card)))
        .ToFrozenDictionary(pair => pair.Id, pair => pair.Card, StringComparer.Ordinal);

    /// <param name="id">pm_card_visa, tok_visa, …</param>
    public static TestCard? ById(string id)
    {
        var name = id.StartsWith("pm_card_", StringComparison.Ordinal) ? id[8..]
            : id.StartsWith("tok_", StringComparison.Ordinal) ? id[4..]
            : null;
        return name is null ? null : ByNameTable.GetValueOrDefault(name);
    }

    public static TestCard? ByNumber(string number) => ByNumberTable.GetValueOrDefault(number);

    public static bool PassesLuhn(string number)
    {
        var sum = 0;
        for (var i = 0; i < number.Length; i++)
        {
            var digit = number[number.Length - 1 - i] - '0';
            sum += i % 2 == 0 ? digit : digit < 5 ? digit * 2 : (digit * 2) - 9;
        }

        return sum % 10 == 0;
    }

    /// <summary>Any other number with a good check digit is taken for a live card, and refused as one when charged.</summary>
    public static TestCard Unknown(string number) => new(number, BrandOf(number)) { Refused = Decline.NotATestCard };

    private static string BrandOf(string number) => number switch
    {
        ['4', ..] => "visa",
        ['5' or '2', ..] => "mastercard",
        ['3', '4' or '7', ..] => "amex",
        ['3', '5', ..] => "jcb",
        ['3', ..] => "diners",
        ['6', '2', ..] => "unionpay",
        ['6', ..] => "discover",
        _ => "unknown",
    };
}
