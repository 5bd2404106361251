using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>How one try to pay an intent is made.</summary>
internal sealed record Attempt
{
    public bool OffSession { get; init; }

    /// <summary>The buyer is away, but will be told and can come back: an invoice waits for its buyer's bank where a payment is refused.</summary>
    public bool WaitsForBuyer { get; init; }

    public bool ErrorOnRequiresAction { get; init; }

    public string? ReturnUrl { get; init; }

    /// <summary>payment_intent.created, when this very call made the intent and has yet to tell.</summary>
    public ObjectSnapshot? Created { get; init; }

    /// <summary>On Checkout's page Stripe tells of a new intent after it has succeeded (seen in real logs).</summary>
    public bool CreatedIsToldLast { get; init; }

    /// <summary>What must be there before the charge is told of: Checkout's customer.</summary>
    public Action BeforeCharge { get; init; } = () => { };
}

/// <summary>What happens when an intent is confirmed: the buyer's bank is asked for more, refuses, or pays.</summary>
internal static class PaymentAttempts
{
    /// <summary>Due when a bank debit's outcome is known.</summary>
    public const string DebitDue = "debit";

    private static readonly TimeSpan SlowDebit = TimeSpan.FromMinutes(3);

    /// <summary>
    /// Leaves the intent succeeded, requires_capture, processing or requires_action; throws the 402 of a decline, with
    /// everything that a decline leaves behind already done.
    /// </summary>
    public static void Make(Work work, JsonObject intent, JsonObject method, Attempt attempt)
    {
        CheckCurrency(intent, method);
        intent["payment_method"] = method.Text("id");
        intent["last_payment_error"] = null;
        intent["next_action"] = null;
        if (method.Text("type") is not "card")
        {
            Debit(work, intent, method, attempt);
            return;
        }

        var card = PaymentMethods.CardOf(method)!;
        var authenticated = intent.Private().Flag("authenticated") == true;
        if (!authenticated && NeedsBuyer(card, intent, method, attempt))
        {
            if (card.Authentication == ThreeDSecure.LookupFails)
            {
                throw Refuse(work, intent, method, Decline.Processing, card.RiskLevel, attempt);
            }

            if ((attempt.OffSession && !attempt.WaitsForBuyer) || attempt.ErrorOnRequiresAction)
            {
                throw Refuse(work, intent, method, Decline.AuthenticationRequired, card.RiskLevel, attempt);
            }

            AskBuyer(work, intent, attempt);
            return;
        }

        if ((authenticated ? card.RefusedAfterAuthentication ?? card.Refused : card.Refused) is { } decline)
        {
            throw Refuse(work, intent, method, decline, card.RiskLevel, attempt);
        }

        Succeed(work, intent, method, card, attempt);
    }

    /// <summary>The buyer's answer to the challenge was no (or none): no charge exists, so none fails.</summary>
    public static StripeException RefuseAuthentication(Work work, JsonObject intent)
    {
        var method = work.Find(intent.Text("payment_method")!, "payment_method")!;
        var error = StripeException.Body(
            "invalid_request_error",
            "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
            "payment_intent_authentication_failure");
        error["payment_method"] = DeclineBodies.Shown(method);
        return Failed(work, intent, error);
    }

    /// <summary>The bank has answered.</summary>
    public static void SettleDebit(Work work, string intentId)
    {
        var intent = work.Find(intentId, "payment_intent");
        if (intent?.Text("status") is not "processing")
        {
            return;
        }

        var method = work.Find(intent.Text("payment_method")!, "payment_method")!;
        var charge = work.Find(intent.Text("latest_charge")!, "charge")!;
        if (PaymentMethods.DebitOf(method).Failure is { } failure)
        {
            Charges.Fail(charge, failure, "normal");
            work.Save(charge);
            work.Emit("charge.failed", charge);
            var error = DeclineBodies.Error(failure, charge.Text("id"));
            error["payment_method"] = DeclineBodies.Shown(method);
            Failed(work, intent, error);
            CheckoutSessions.DebitSettled(work, intent, paid: false);
            InvoicePayments.Follow(work, intent);
            return;
        }

        Charges.Succeed(charge, captured: true, "not_assessed");
        work.Save(charge);
        work.Emit("charge.succeeded", charge);
        Complete(work, intent, charge);
        work.Emit("payment_intent.succeeded", intent);
        CheckoutSessions.DebitSettled(work, intent, paid: true);
        InvoicePayments.Follow(work, intent);
    }

    private static bool NeedsBuyer(TestCard card, JsonObject intent, JsonObject method, Attempt attempt)
    {
        var setUp = method.Private().Flag("set_up") == true && method.Text("customer") is not null;
        var asked = intent.Hash("payment_method_options").Hash("card").Text("request_three_d_secure") is "any" or "challenge";
        return card.Authentication switch
        {
            ThreeDSecure.NotSupported => false,
            ThreeDSecure.Optional => asked && !attempt.OffSession,
            ThreeDSecure.UnlessSetUp => !setUp,
            ThreeDSecure.OnSession => !attempt.OffSession,
            _ => true,
        };
    }

    private static void AskBuyer(Work work, JsonObject intent, Attempt attempt)
    {
        TellCreated(work, attempt);
        intent["status"] = "requires_action";
        intent.Private()["return_url"] = attempt.ReturnUrl;
        intent["next_action"] = attempt.ReturnUrl is { } returnUrl
            ? new JsonObject
            {
                ["redirect_to_url"] = new JsonObject
                {
                    ["return_url"] = returnUrl,
                    ["url"] = new Uri(work.Address, $"/3ds/{intent.Text("id")}").AbsoluteUri,
                },
                ["type"] = "redirect_to_url",
            }
            : new JsonObject
            {
                ["type"] = "use_stripe_sdk",
                ["use_stripe_sdk"] = new JsonObject(),
            };
        work.Save(intent);
        work.Emit("payment_intent.requires_action", intent);
    }

    private static void Succeed(Work work, JsonObject intent, JsonObject method, TestCard card, Attempt attempt)
    {
        if (!attempt.CreatedIsToldLast)
        {
            TellCreated(work, attempt);
        }

        BeforeMoney(work, intent, method, attempt);
        var captured = intent.Text("capture_method") is not "manual";
        var charge = Charges.New(work, intent, method);
        Charges.Succeed(charge, captured, card.RiskLevel);
        work.Save(charge);
        work.Emit("charge.succeeded", charge);
        if (captured)
        {
            Complete(work, intent, charge);
            work.Emit("payment_intent.succeeded", intent);
        }
        else
        {
            intent["status"] = "requires_capture";
            intent["amount_capturable"] = intent.Copy("amount");
            intent["latest_charge"] = charge.Text("id");
            work.Save(intent);
            work.Emit("payment_intent.amount_capturable_updated", intent);
        }

        if (attempt.CreatedIsToldLast)
        {
            TellCreated(work, attempt);
        }
    }

    /// <summary>Money has been taken: the intent is done, and the balance will show it in a moment.</summary>
    public static void Complete(Work work, JsonObject intent, JsonObject charge)
    {
        intent["status"] = "succeeded";
        intent["amount_capturable"] = 0;
        intent["amount_received"] = charge.Copy("amount_captured");
        intent["latest_charge"] = charge.Text("id");
        work.Save(intent);
        work.Schedule(Charges.BalanceDue, charge.Text("id")!, work.Time + work.Options.BalanceDelay);
        if (PaymentMethods.AftermathOf(work.Find(charge.Text("payment_method")!, "payment_method")!) is { } aftermath)
        {
            work.Afterwards(() => Disputes.Begin(work, charge, aftermath));
        }
    }

    private static void Debit(Work work, JsonObject intent, JsonObject method, Attempt attempt)
    {
        TellCreated(work, attempt);
        BeforeMoney(work, intent, method, attempt);
        var charge = Charges.New(work, intent, method);
        charge["captured"] = true;
        charge["amount_captured"] = charge.Copy("amount");
        intent["status"] = "processing";
        intent["latest_charge"] = charge.Text("id");
        work.Save(charge);
        work.Save(intent);
        work.Emit("payment_intent.processing", intent);
        work.Emit("charge.pending", charge);
        var wait = PaymentMethods.DebitOf(method).Slow ? SlowDebit : work.Options.DebitDelay;
        work.Schedule(DebitDue, intent.Text("id")!, work.Time + wait);
    }

    private static void BeforeMoney(Work work, JsonObject intent, JsonObject method, Attempt attempt)
    {
        attempt.BeforeCharge();
        if (intent.Text("setup_future_usage") is null || intent.Text("customer") is not { } customer)
        {
            return;
        }

        method.Private()["set_up"] = true;
        if (method.Text("customer") is null)
        {
            PaymentMethods.Attach(work, method, customer);
        }
        else
        {
            work.Save(method);
        }
    }

    private static StripeException Refuse(Work work, JsonObject intent, JsonObject method, Decline decline, string riskLevel, Attempt attempt)
    {
        TellCreated(work, attempt);
        var charge = Charges.New(work, intent, method);
        Charges.Fail(charge, decline, riskLevel);
        work.Save(charge);
        work.Emit("charge.failed", charge);
        intent["latest_charge"] = charge.Text("id");
        var error = DeclineBodies.Error(decline, charge.Text("id"));
        error["payment_method"] = DeclineBodies.Shown(method);
        return Failed(work, intent, error);
    }

    private static StripeException Failed(Work work, JsonObject intent, JsonObject error)
    {
        intent["status"] = "requires_payment_method";
        intent["payment_method"] = null;
        intent["next_action"] = null;
        intent["last_payment_error"] = error;
        intent.Private().Remove("authenticated");
        work.Save(intent);
        work.Emit("payment_intent.payment_failed", intent);
        return DeclineBodies.Refusal(error, intent);
    }

    private static void TellCreated(Work work, Attempt attempt)
    {
        if (attempt.Created is { } created)
        {
            work.Emit("payment_intent.created", created);
        }
    }

    private static void CheckCurrency(JsonObject intent, JsonObject method)
    {
        var type = method.Text("type")!;
        var currency = intent.Text("currency")!;
        var fits = type switch
        {
            "sepa_debit" => currency is "eur",
            "us_bank_account" => currency is "usd",
            _ => true,
        };
        if (!fits)
        {
            throw StripeException.Invalid(
                $"The currency provided ({currency}) is invalid for the payment method type {type}.", "payment_method", "payment_method_currency_mismatch");
        }

        if (!intent.Texts("payment_method_types").Contains(type, StringComparer.Ordinal))
        {
            throw StripeException.Invalid(
                $"The PaymentMethod provided ({type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: {string.Join(", ", intent.Texts("payment_method_types"))}.",
                "payment_method",
                "payment_intent_incompatible_payment_method");
        }
    }
}
