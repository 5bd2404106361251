using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>
/// Checkout in the modes subscription and setup. No subscription exists before its first payment has succeeded (or its
/// card is saved, when nothing is due yet), so a declined buyer leaves none behind.
/// </summary>
internal static class SessionSubscriptions
{
    private static readonly string[] Paid =
    [
        "charge.succeeded", "payment_method.attached", "customer.created", "customer.updated", "checkout.session.completed", "customer.subscription.created",
        "payment_intent.created", "payment_intent.requires_action", "payment_intent.succeeded", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
    ];

    private static readonly string[] NothingDue =
    [
        "customer.created", "setup_intent.created", "setup_intent.requires_action", "setup_intent.succeeded", "payment_method.attached", "customer.updated", "customer.subscription.created",
        "invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded", "checkout.session.completed",
    ];

    public static void Pay(Work work, JsonObject session, JsonObject? method, string returnUrl)
    {
        if (SessionPayments.NeedsMethod(session) && method is null)
        {
            throw StripeException.Invalid("Missing required param: payment_method.", "payment_method", "parameter_missing");
        }

        if (method is not null && method.Text("type") is not "card")
        {
            throw StripeException.Invalid(
                $"This Checkout Session does not accept payment methods of type {method.Text("type")}.", "payment_method", "payment_intent_incompatible_payment_method");
        }

        SessionPayments.RememberBuyer(session, method?.Hash("billing_details"));
        work.Save(session);
        if (session.Integer("amount_total") > 0)
        {
            var (intent, created) = Intent(work, session);
            Charge(work, session, intent, method!, new Attempt { ReturnUrl = returnUrl, Created = created, CreatedIsToldLast = true });
            return;
        }

        work.InOrder(() =>
        {
            if (session.Text("mode") is "subscription" || session.Text("customer_creation") is "always")
            {
                EnsureCustomer(work, session);
            }

            if (!SessionPayments.NeedsMethod(session))
            {
                Begin(work, session, method: null, intent: null);
                return NothingDue;
            }

            var data = session.Private().Hash(session.Text("mode") is "setup" ? "setup_intent_data" : "subscription_data")!;
            SetUp(work, session, SetupIntents.ForSession(work, session, method!, data, returnUrl));
            return NothingDue;
        });
    }

    /// <summary>A try to pay the first period; on success the subscription begins. Throws the decline.</summary>
    public static void Charge(Work work, JsonObject session, JsonObject intent, JsonObject method, Attempt attempt) => work.InOrder(() =>
    {
        PaymentAttempts.Make(work, intent, method, attempt with
        {
            BeforeCharge = () =>
            {
                EnsureCustomer(work, session);
                intent["customer"] = session.Text("customer");
            },
        });
        if (intent.Text("status") is "succeeded")
        {
            Begin(work, session, method, intent);
        }

        return Paid;
    });

    /// <summary>Goes on once the card is saved; until then the session waits for its buyer's bank.</summary>
    public static void SetUp(Work work, JsonObject session, JsonObject setupIntent)
    {
        if (setupIntent.Text("status") is not "succeeded" || session.Text("status") is not "open")
        {
            return;
        }

        if (session.Text("mode") is "setup")
        {
            SessionPayments.Complete(work, session, "no_payment_required");
            return;
        }

        work.InOrder(() =>
        {
            Begin(work, session, work.Find(setupIntent.Text("payment_method")!, "payment_method"), intent: null);
            return NothingDue;
        });
    }

    private static void Begin(Work work, JsonObject session, JsonObject? method, JsonObject? intent)
    {
        var customer = work.Find(session.Text("customer")!, "customer")!;
        var before = customer.DeepClone().AsObject();
        var lines = session.Private().Hash("line_items").Items("data")!.OfType<JsonObject>().ToLookup(l => l.Hash("price").Text("type") is "recurring");
        var id = Ids.New("sub_");
        var items = new JsonArray([.. lines[true].Select(l => SubscriptionItems.New(
            work, id, l.Hash("price")!, new JsonObject { ["quantity"] = l.Copy("quantity") }, "line_items"))]);
        var subscription = Subscriptions.New(work, id, customer.Text("id")!, items, session.Private().Hash("subscription_data")!);
        subscription["default_payment_method"] = method.Text("id");
        subscription["discounts"] = new JsonArray([.. session.Items("discounts")!
            .Select(d => JsonValue.Create(Discounts.Give(work, d!, customer.Text("id"), id, session.Text("id")).Text("id")))]);
        Subscriptions.TakeCurrency(work, customer, subscription.Text("currency")!);
        if (method is not null)
        {
            customer["invoice_settings"]!["default_payment_method"] ??= method.Text("id");
        }

        work.EmitUpdated("customer.updated", before, customer);
        var oneTime = lines[false].Select(l => InvoiceItems.OneTime(work, subscription, l.Hash("price")!, l.Integer("quantity") ?? 1)).ToList();
        var invoice = Subscriptions.FirstInvoice(work, subscription, oneTime);
        Invoices.Finalize(work, invoice, paidBy: intent);
        session["subscription"] = id;
        session["invoice"] = invoice.Text("id");
        Subscriptions.Begun(work, subscription);
        SubscriptionCycles.TellShortTrial(work, subscription);
        SessionPayments.Complete(work, session, intent is null ? "no_payment_required" : "paid");
    }

    private static (JsonObject Intent, ObjectSnapshot? Created) Intent(Work work, JsonObject session)
    {
        var amount = session.Integer("amount_total")!.Value;
        if (SessionPayments.IntentOf(work, session) is { } existing)
        {
            existing.Private().Remove("authenticated");
            existing["amount"] = amount;
            work.Save(existing);
            return (existing, null);
        }

        var intent = PaymentIntents.New(work, amount, session.Text("currency")!, new JsonObject());
        intent["customer"] = session.Text("customer");
        intent["description"] = "Subscription creation";
        intent["setup_future_usage"] = "off_session";
        intent["payment_method_options"]!["card"]!["request_three_d_secure"] =
            session.Hash("payment_method_options").Hash("card").Text("request_three_d_secure");
        intent.Private()["session"] = session.Text("id");
        // The session itself shows none in this mode.
        session.Private()["intent"] = intent.Text("id");
        work.Save(session);
        work.Save(intent);
        return (intent, Work.Snapshot(intent));
    }

    private static void EnsureCustomer(Work work, JsonObject session)
    {
        if (session.Text("customer") is null)
        {
            var details = session.Hash("customer_details");
            session["customer"] = Customers.FromBuyer(work, details.Text("email"), details.Text("name"), details?["address"]).Text("id");
            work.Save(session);
        }
    }
}
