namespace Payments.Sandbox.Stripe.Pages;

internal static class PageTexts
{
    public const string NoSuchSession = "There is no such checkout session.";

    private const string NotAuthenticated =
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.";

    /// <summary>Why a payment failed, as the word that leads back to the checkout page.</summary>
    public static string Reason(PageOutcome.Declined declined) =>
        declined.DeclineCode is "insufficient_funds" ? declined.DeclineCode : declined.Code;

    /// <summary>That word as a sentence. It comes from the address, so only known words speak.</summary>
    public static string? Declined(string? reason) => reason switch
    {
        null or "" => null,
        "payment_intent_authentication_failure" => NotAuthenticated,
        "insufficient_funds" => "Your card has insufficient funds.",
        "expired_card" => "Your card has expired.",
        "incorrect_cvc" => "Your card's security code is incorrect.",
        "processing_error" => "An error occurred while processing your card. Try again in a little bit.",
        "card_declined" => "Your card was declined.",
        _ => "Your payment could not be completed. Please try another payment method.",
    };

    public static string Over(CheckoutPageView view) => view.Status is "expired"
        ? "This checkout session has expired."
        : "This checkout session is already complete.";
}
