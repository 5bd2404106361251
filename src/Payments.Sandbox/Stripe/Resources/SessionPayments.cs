using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>What the button of the hosted page does, whoever presses it: a person, Stripe's CLI, a test.</summary>
internal static class SessionPayments
{
    public static void Map(RouteTable routes)
    {
        routes.Get("/v1/payment_pages/{id}", call => Page(CheckoutSessions.Get(call.Work, call.Id)));
        routes.Post("/v1/payment_pages/{id}/confirm", Confirm);
    }

    /// <summary>Pays the session; throws the decline (402, kept) or a refusal (400). Nothing to pay needs no method.</summary>
    public static void Pay(Work work, JsonObject session, JsonObject? method, long expectedAmount, string? returnUrl, bool keepMethod)
    {
        CheckPayable(work, session, expectedAmount);
        if (session.Text("mode") is not "payment")
        {
            SessionSubscriptions.Pay(work, session, method, returnUrl ?? PageOf(work, session));
            return;
        }

        if (session.Integer("amount_total") == 0)
        {
            var billing = method?.Hash("billing_details");
            RememberBuyer(session, billing);
            EnsureCustomer(work, session, intent: null);
            Complete(work, session, "no_payment_required");
            return;
        }

        if (method is null)
        {
            throw StripeException.Invalid("Missing required param: payment_method.", "payment_method", "parameter_missing");
        }

        if (!session.Texts("payment_method_types").Contains(method.Text("type"), StringComparer.Ordinal))
        {
            throw StripeException.Invalid(
                $"This Checkout Session does not accept payment methods of type {method.Text("type")}.", "payment_method", "payment_intent_incompatible_payment_method");
        }

        RememberBuyer(session, method.Hash("billing_details"));
        var (intent, created) = Intent(work, session);
        intent.Private().Remove("authenticated");
        session["payment_intent"] = intent.Text("id");
        work.Save(session);
        PaymentAttempts.Make(work, intent, method, new Attempt
        {
            ReturnUrl = returnUrl ?? PageOf(work, session),
            Created = created,
            CreatedIsToldLast = true,
            BeforeCharge = () =>
            {
                EnsureCustomer(work, session, intent);
                Keep(work, intent, method, keepMethod);
            },
        });
        Follow(work, session, intent);
    }

    /// <summary>Goes on with a session whose buyer has answered the challenge; throws the decline.</summary>
    public static void Authenticate(Work work, JsonObject session, JsonObject intent, bool accepted)
    {
        if (session.Text("status") is not "open" || intent.Text("status") is not "requires_action")
        {
            throw StripeException.Conflict("This payment waits for no authentication.", "payment_intent_unexpected_state");
        }

        if (!accepted)
        {
            throw PaymentAttempts.RefuseAuthentication(work, intent);
        }

        intent.Private()["authenticated"] = true;
        var method = work.Find(intent.Text("payment_method")!, "payment_method")!;
        if (session.Text("mode") is "subscription")
        {
            SessionSubscriptions.Charge(work, session, intent, method, new Attempt());
            return;
        }

        PaymentAttempts.Make(work, intent, method, new Attempt { BeforeCharge = () => EnsureCustomer(work, session, intent) });
        Follow(work, session, intent);
    }

    /// <summary>The intent that a session's payment, or its saving of a card, goes through; null before the first try.</summary>
    public static JsonObject? IntentOf(Work work, JsonObject session) =>
        (session.Text("payment_intent") ?? session.Hash(StoredObject.PrivateField).Text("intent") ?? session.Text("setup_intent")) is { } id ? work.Find(id) : null;

    /// <summary>The buyer must give a method, whether or not anything is to be paid now.</summary>
    public static bool NeedsMethod(JsonObject session) => session.Text("mode") switch
    {
        "setup" => true,
        "subscription" => session.Integer("amount_total") > 0 || session.Text("payment_method_collection") is "always",
        _ => session.Integer("amount_total") > 0,
    };

    private static string PageOf(Work work, JsonObject session) => new Uri(work.Address, $"/c/pay/{session.Text("id")}").AbsoluteUri;

    private static JsonObject Confirm(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var session = CheckoutSessions.Get(work, call.Id);
        var method = parameters.Text("payment_method") is { } id ? PaymentMethods.Resolve(work, id, "payment_method") : null;
        var expected = parameters.Integer("expected_amount")
            ?? throw StripeException.Invalid("Missing required param: expected_amount.", "expected_amount", "parameter_missing");
        Pay(work, session, method, expected, parameters.Text("return_url"), keepMethod: false);
        var page = Page(session);
        page["payment_status"] = session.Text("payment_status");
        page["success_url"] = SuccessUrl(session);
        var intent = IntentOf(work, session);
        page["payment_intent"] = intent.Text("object") is "payment_intent" ? DeclineBodies.Shown(intent!) : null;
        page["setup_intent"] = intent.Text("object") is "setup_intent" ? DeclineBodies.Shown(intent!) : null;
        return page;
    }

    /// <summary>The success URL with the session's id in its literal place.</summary>
    public static string? SuccessUrl(JsonObject session) =>
        session.Text("success_url")?.Replace("{CHECKOUT_SESSION_ID}", session.Text("id"), StringComparison.Ordinal);

    private static JsonObject Page(JsonObject session) => new()
    {
        ["id"] = session.Text("id"),
        ["amount_total"] = session.Copy("amount_total"),
        ["currency"] = session.Text("currency"),
        ["status"] = session.Text("status"),
    };

    private static void CheckPayable(Work work, JsonObject session, long expectedAmount)
    {
        // The clock may have passed the end without the ticker having been round yet.
        var late = session.Text("status") is "open" && work.Now >= session.Integer("expires_at");
        if (late || session.Text("status") is not "open")
        {
            throw StripeException.Conflict(late || session.Text("status") is "expired"
                ? "This Checkout Session has expired and can no longer be paid."
                : "This Checkout Session is already complete.");
        }

        if ((session.Integer("amount_total") ?? 0) != expectedAmount)
        {
            throw StripeException.Invalid(
                $"The amount of this Checkout Session is {session.Integer("amount_total")}, not the expected {expectedAmount}.", "expected_amount");
        }
    }

    private static (JsonObject Intent, ObjectSnapshot? Created) Intent(Work work, JsonObject session)
    {
        var amount = session.Integer("amount_total")!.Value;
        if (session.Text("payment_intent") is { } id && work.Find(id, "payment_intent") is { } existing)
        {
            // The buyer tries again, perhaps with a discount since.
            existing["amount"] = amount;
            work.Save(existing);
            return (existing, null);
        }

        var data = session.Private().Hash("payment_intent_data")!;
        var intent = PaymentIntents.New(work, amount, session.Text("currency")!, data);
        intent["customer"] = session.Text("customer");
        intent["payment_method_types"] = session.Copy("payment_method_types");
        intent["payment_method_options"]!["card"]!["request_three_d_secure"] =
            session.Hash("payment_method_options").Hash("card").Text("request_three_d_secure");
        intent.Private()["session"] = session.Text("id");
        work.Save(intent);
        return (intent, Work.Snapshot(intent));
    }

    public static void RememberBuyer(JsonObject session, JsonObject? billing)
    {
        var known = session.Hash("customer_details");
        session["customer_details"] = CheckoutSessions.Details(
            known.Text("email") ?? billing.Text("email"),
            billing.Text("name") ?? known.Text("name"),
            billing?["address"] ?? Contacts.Address(null));
    }

    /// <summary>The customer Checkout makes when asked to, or when something is to be kept for one.</summary>
    private static void EnsureCustomer(Work work, JsonObject session, JsonObject? intent)
    {
        if (session.Text("customer") is null
            && (session.Text("customer_creation") is "always" || intent.Text("setup_future_usage") is not null))
        {
            var details = session.Hash("customer_details");
            session["customer"] = Customers.FromBuyer(work, details.Text("email"), details.Text("name"), details?["address"]).Text("id");
        }

        if (intent is not null)
        {
            intent["customer"] = session.Text("customer");
        }
    }

    /// <summary>The buyer ticked "save my card": for when the buyer is here again, so without setup_future_usage.</summary>
    private static void Keep(Work work, JsonObject intent, JsonObject method, bool wanted)
    {
        if (wanted && intent.Text("customer") is { } customer && method.Text("customer") is null)
        {
            method["allow_redisplay"] = "always";
            PaymentMethods.Attach(work, method, customer);
        }
    }

    private static void Follow(Work work, JsonObject session, JsonObject intent)
    {
        switch (intent.Text("status"))
        {
            case "succeeded":
                Complete(work, session, "paid");
                break;
            case "processing" or "requires_capture":
                Complete(work, session, "unpaid");
                break;
            default:
                // The buyer's bank wants to see the buyer; the session waits.
                work.Save(session);
                break;
        }
    }

    public static void Complete(Work work, JsonObject session, string paymentStatus)
    {
        session["status"] = "complete";
        session["payment_status"] = paymentStatus;
        session["url"] = null;
        work.Save(session);
        work.CallOff(CheckoutSessions.ExpiryDue, session.Text("id")!);
        foreach (var discount in session.Items("discounts")!)
        {
            if (discount.Text("promotion_code") is { } promotion)
            {
                PromotionCodes.Redeem(work, work.Find(promotion)!);
            }
            else
            {
                Coupons.Redeem(work, work.Find(discount.Text("coupon")!)!);
            }
        }

        work.Emit("checkout.session.completed", session);
    }
}
