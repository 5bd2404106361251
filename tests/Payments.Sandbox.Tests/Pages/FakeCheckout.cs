using System.Collections.Concurrent;
using Payments.Sandbox.Stripe;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>
/// An engine small enough to see through: it keeps what it was asked and answers by the card's last digits, so that a test
/// of the pages fails for the pages' sake only.
/// </summary>
public sealed class FakeCheckout : ICheckoutPageBackend
{
    private readonly ConcurrentDictionary<string, CheckoutPageView> sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ChallengeView> challenges = new(StringComparer.Ordinal);

    /// <summary>Every payment that came through, in order.</summary>
    public ConcurrentQueue<PagePayment> Payments { get; } = new();

    public ConcurrentQueue<bool> Authentications { get; } = new();

    /// <summary>How long a payment takes.</summary>
    public TimeSpan Delay { get; set; }

    public static CheckoutPageView Session(string id = "cs_test_1") => new()
    {
        SessionId = id,
        MerchantName = "Nimbus Learning",
        Lines =
        [
            new CheckoutPageLine("500 credits", "Run assignments, labs and evaluations", 1, 1999, 1999),
            new CheckoutPageLine("Practice lab pass", null, 2, 750, 1500),
        ],
        Subtotal = 3499,
        Discount = 0,
        Total = 3499,
        Currency = "usd",
        CurrencyExponent = 2,
        Mode = "payment",
        Status = "open",
        PaymentStatus = "unpaid",
        PaymentMethodTypes = ["card", "sepa_debit", "us_bank_account"],
        SuccessUrl = $"http://shop.example/ok?session={id}",
        CancelUrl = "http://shop.example/cart",
        AllowPromotionCodes = true,
        ExpiresAt = DateTimeOffset.UnixEpoch.AddYears(60),
    };

    public CheckoutPageView Add(CheckoutPageView view) => sessions[view.SessionId] = view;

    public CheckoutPageView? Find(string sessionId) => sessions.GetValueOrDefault(sessionId);

    public ChallengeView Add(ChallengeView challenge) => challenges[challenge.PaymentIntentId] = challenge;

    public async Task<PageOutcome> PayAsync(string sessionId, PagePayment payment, CancellationToken ct)
    {
        await Task.Delay(Delay, ct);
        var view = sessions[sessionId];
        if (view.Status is not "open")
        {
            return new PageOutcome.Refused("This session is no longer open.");
        }

        if (payment.ExpectedAmount != view.Total)
        {
            return new PageOutcome.Refused("The amount has changed. Please look at it again.");
        }

        Payments.Enqueue(payment);
        switch (payment.CardNumber?[^4..])
        {
            case "0002":
                return new PageOutcome.Declined("card_declined", "generic_decline", "Your card was declined.", null);
            case "0127":
                return new PageOutcome.Declined("incorrect_cvc", null, "Your card's security code is incorrect.", "cvc");
            case "0069":
                return new PageOutcome.Declined("expired_card", null, "Your card has expired.", "exp_month");
            case "3184":
                Add(Challenge(sessionId));
                return new PageOutcome.ActionRequired("pi_1", "/3ds/pi_1");
            default:
                sessions[sessionId] = view with { Status = "complete", PaymentStatus = payment.Iban is null ? "paid" : "unpaid" };
                return payment.Iban is null ? new PageOutcome.Succeeded(view.SuccessUrl) : new PageOutcome.Processing(view.SuccessUrl);
        }
    }

    public ChallengeView? FindChallenge(string paymentIntentId) => challenges.GetValueOrDefault(paymentIntentId);

    public async Task<PageOutcome> AuthenticateAsync(string paymentIntentId, bool accepted, CancellationToken ct)
    {
        await Task.Delay(Delay, ct);
        Authentications.Enqueue(accepted);
        if (!challenges.TryRemove(paymentIntentId, out var challenge))
        {
            return new PageOutcome.Refused("This authentication has been answered.");
        }

        if (!accepted)
        {
            return new PageOutcome.Declined("payment_intent_authentication_failure", null, "Authentication failed.", null);
        }

        if (challenge.SessionId is { } session)
        {
            sessions[session] = sessions[session] with { Status = "complete", PaymentStatus = "paid" };
            return new PageOutcome.Succeeded(sessions[session].SuccessUrl);
        }

        return new PageOutcome.Succeeded(challenge.ReturnUrl);
    }

    public Task<PageOutcome?> ApplyPromotionCodeAsync(string sessionId, string code, CancellationToken ct)
    {
        if (!string.Equals(code, "SAVE10", StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult<PageOutcome?>(new PageOutcome.Refused("This code is invalid."));
        }

        var view = sessions[sessionId];
        sessions[sessionId] = view with { Discount = 350, Total = view.Subtotal - 350, DiscountLabel = "SAVE10", DiscountRemovable = true };
        return Task.FromResult<PageOutcome?>(null);
    }

    public Task<PageOutcome?> RemovePromotionCodeAsync(string sessionId, CancellationToken ct)
    {
        var view = sessions[sessionId];
        sessions[sessionId] = view with { Discount = 0, Total = view.Subtotal, DiscountLabel = null, DiscountRemovable = false };
        return Task.FromResult<PageOutcome?>(null);
    }

    public static ChallengeView Challenge(string? sessionId) => new()
    {
        PaymentIntentId = "pi_1",
        MerchantName = "Nimbus Learning",
        Amount = 3499,
        Currency = "usd",
        CurrencyExponent = 2,
        CardBrand = "visa",
        CardLast4 = "3184",
        SessionId = sessionId,
        ReturnUrl = sessionId is null ? "http://shop.example/return" : null,
    };
}
