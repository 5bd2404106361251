using System.Collections.Frozen;

using Payments.Application.Payments.Gateway;

namespace Payments.Infrastructure.Stripe;

/// <summary>
/// Why a payment was declined, in words for the buyer. The words are ours and not the issuer's: a buyer is never
/// told that a card is reported lost, stolen or fraudulent, whatever text comes back.
/// </summary>
internal static class StripeDeclines
{
    public const string Generic = "Your payment was declined. Please try another payment method.";

    private const string Authentication = "Your bank could not confirm that it was you. Please try again or use another payment method.";
    private const string BankAccount = "Your bank account could not be charged. Please use another payment method.";
    private const string BankDecline = "Your bank did not accept the debit. Please use another payment method, or ask your bank.";
    private const string BankLimit = "The payment is more than your bank account may be charged. Please use another payment method.";
    private const string CardNumber = "Your card number is incorrect.";
    private const string Expiry = "Your card's expiry date is incorrect.";
    private const string Later = "Your payment could not be processed just now. Please try again in a little while.";
    private const string SecurityCode = "Your card's security code is incorrect.";
    private const string Unsupported = "Your card does not support this kind of purchase. Please try another one.";

    private static readonly FrozenDictionary<string, string> Words = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["insufficient_funds"] = "There are insufficient funds for this payment.",
        ["expired_card"] = "Your card has expired.",
        ["incorrect_cvc"] = SecurityCode,
        ["invalid_cvc"] = SecurityCode,
        ["incorrect_number"] = CardNumber,
        ["invalid_number"] = CardNumber,
        ["invalid_expiry_month"] = Expiry,
        ["invalid_expiry_year"] = Expiry,
        ["incorrect_zip"] = "The postal code does not match your card.",
        ["incorrect_address"] = "The address does not match your card.",
        ["processing_error"] = Later,
        ["issuer_not_available"] = Later,
        ["try_again_later"] = Later,
        ["reenter_transaction"] = Later,
        ["payment_method_provider_timeout"] = Later,
        ["authentication_required"] = Authentication,
        ["payment_intent_authentication_failure"] = Authentication,
        ["authentication_not_handled"] = Authentication,
        ["card_not_supported"] = Unsupported,
        ["currency_not_supported"] = Unsupported,
        ["payment_intent_payment_attempt_expired"] = "The payment was not confirmed in time. Please try again.",
        ["account_closed"] = BankAccount,
        ["no_account"] = BankAccount,
        ["bank_account_restricted"] = BankAccount,
        ["bank_account_unusable"] = BankAccount,
        ["bank_account_declined"] = BankAccount,
        ["debit_not_authorized"] = BankAccount,
        ["payment_method_customer_decline"] = BankDecline,
        ["payment_method_provider_decline"] = BankDecline,
        ["charge_exceeds_source_limit"] = BankLimit,
        ["charge_exceeds_transaction_limit"] = BankLimit,
        ["charge_exceeds_weekly_limit"] = BankLimit,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The decline code says more than the error code, which for most declines is just <c>card_declined</c>.</summary>
    /// <param name="method">Stripe's type of the payment method; null: a card, as far as is known.</param>
    public static GatewayDecline Of(string? declineCode, string? code, string? method = null)
    {
        var reason = declineCode ?? code ?? "declined";
        return Words.TryGetValue(reason, out var words) ? new GatewayDecline(reason, reason, words)
            : new GatewayDecline(reason, method is null or "card" ? "card_declined" : "payment_declined", Generic);
    }
}
