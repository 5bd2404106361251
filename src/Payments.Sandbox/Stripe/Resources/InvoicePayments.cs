using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>How an invoice gets its money: by one intent for all tries, and by the balance or nothing at all when nothing is due.</summary>
internal static class InvoicePayments
{
    /// <summary>Due some seconds after an invoice was paid, when Stripe tells of the payment as an object of its own.</summary>
    public const string PaidDue = "invoice-payment-paid";

    private const string Type = "invoice_payment";

    public static void Map(RouteTable routes)
    {
        routes.Get("/v1/invoice_payments", List);
        routes.Get("/v1/invoice_payments/{id}", call => call.Work.FromPath(call.Id, Type, "invoice payment"));
    }

    /// <summary>The intent of an open invoice, and the payment that links both.</summary>
    public static void Open(Work work, JsonObject invoice)
    {
        var intent = PaymentIntents.New(work, invoice.Integer("amount_due")!.Value, invoice.Text("currency")!, new JsonObject());
        intent["customer"] = invoice.Text("customer");
        intent["description"] = invoice.Text("billing_reason") switch
        {
            "subscription_create" => "Subscription creation",
            "subscription_update" or "subscription_cycle" => "Subscription update",
            _ => $"Payment for Invoice {invoice.Text("number")}",
        };
        var subscription = Invoices.SubscriptionOf(work, invoice);
        intent["setup_future_usage"] = subscription is null ? null : "off_session";
        if (subscription.Hash("payment_settings").Hash("payment_method_options").Hash("card").Text("request_three_d_secure") is { } asked)
        {
            intent["payment_method_options"]!["card"]!["request_three_d_secure"] = asked;
        }

        intent["payment_method_types"] = subscription.Hash("payment_settings").Items("payment_method_types")?.DeepClone()
            ?? PaymentIntents.DynamicTypes(invoice.Text("currency")!);
        work.Save(intent);
        work.Emit("payment_intent.created", intent);
        Link(work, invoice, intent);
    }

    /// <summary>An intent that was there before its invoice: Checkout's.</summary>
    public static void Link(Work work, JsonObject invoice, JsonObject intent)
    {
        intent.Private()["invoice"] = invoice.Text("id");
        work.Save(intent);
        var payment = new JsonObject
        {
            ["id"] = Ids.New("inpay_"),
            ["object"] = Type,
            ["amount_paid"] = null,
            ["amount_requested"] = invoice.Copy("amount_due"),
            ["created"] = work.Now,
            ["currency"] = invoice.Text("currency"),
            ["invoice"] = invoice.Text("id"),
            ["is_default"] = true,
            ["livemode"] = false,
            ["payment"] = new JsonObject { ["payment_intent"] = intent.Text("id"), ["type"] = "payment_intent" },
            ["status"] = "open",
            ["status_transitions"] = new JsonObject { ["canceled_at"] = null, ["paid_at"] = null },
        };
        invoice.Private()["intent"] = intent.Text("id");
        invoice.Private()["confirmation_secret"] = new JsonObject { ["client_secret"] = intent.Text("client_secret"), ["type"] = "payment_intent" };
        Keep(work, invoice, payment);
    }

    public static JsonObject? IntentOf(Work work, JsonObject invoice) =>
        invoice.Hash(StoredObject.PrivateField).Text("intent") is { } id ? work.Find(id, "payment_intent") : null;

    /// <summary>What an invoice is charged to when nobody says: its own method, the subscription's, the customer's.</summary>
    public static JsonObject? DefaultMethod(Work work, JsonObject? subscription, string customer, JsonObject? invoice = null)
    {
        string?[] named =
        [
            invoice.Text("default_payment_method"),
            subscription.Text("default_payment_method"),
            work.Find(customer, "customer").Hash("invoice_settings").Text("default_payment_method"),
        ];
        // One that was detached since is passed over.
        return named.Select(id => id is null ? null : work.Find(id, "payment_method"))
            .FirstOrDefault(method => string.Equals(method.Text("customer"), customer, StringComparison.Ordinal));
    }

    /// <summary>An attempt of an intent by whoever confirms it; when it is an invoice's, the invoice follows. Throws the decline.</summary>
    public static void Make(Work work, JsonObject intent, JsonObject method, Attempt attempt)
    {
        try
        {
            PaymentAttempts.Make(work, intent, method, attempt);
        }
        catch (StripeException refusal) when (refusal.KeepsEffects)
        {
            Follow(work, intent);
            throw;
        }

        Follow(work, intent);
    }

    /// <summary>Something has become of an intent by its buyer's doing or its bank's: its invoice, if any, hears of it.</summary>
    public static void Follow(Work work, JsonObject intent)
    {
        if (intent.Hash(StoredObject.PrivateField).Text("invoice") is not { } id
            || work.Find(id, Invoices.Type) is not { } invoice || invoice.Text("status") is not ("open" or "uncollectible"))
        {
            return;
        }

        switch (intent.Text("status"))
        {
            case "succeeded":
                RememberMethod(work, invoice, intent);
                Settle(work, invoice, tellUpdated: false);
                break;
            case "requires_payment_method" when intent["last_payment_error"] is not null:
                work.Emit("invoice.payment_failed", invoice);
                break;
        }
    }

    /// <summary>
    /// Charges an open invoice to its default method. Answers the refusal when there was one: the invoice has failed, or waits
    /// for its buyer's bank; what that means for the subscription is done.
    /// </summary>
    public static StripeException? ChargeByItself(Work work, JsonObject invoice, bool tellUpdated, bool offSession = true)
    {
        if (invoice.Text("status") is not "open" || invoice.Text("collection_method") is not "charge_automatically")
        {
            return null;
        }

        var method = DefaultMethod(work, Invoices.SubscriptionOf(work, invoice), invoice.Text("customer")!, invoice);
        return Charge(work, invoice, method, automatic: true, tellUpdated, offSession);
    }

    /// <summary>Pays an open invoice with a card in the buyer's own hand: the hosted page. Throws the decline.</summary>
    public static JsonObject PayByBuyer(Work work, JsonObject invoice, JsonObject method, string returnUrl)
    {
        var intent = IntentOf(work, invoice)!;
        intent.Private().Remove("authenticated");
        Make(work, intent, method, new Attempt { ReturnUrl = returnUrl });
        return intent;
    }

    public static JsonObject Pay(Call call)
    {
        var (work, parameters) = (call.Work, call.Parameters);
        var invoice = Invoices.Get(work, call.Id);
        switch (invoice.Text("status"))
        {
            case "paid":
                throw StripeException.Conflict("Invoice is already paid");
            case "void":
                throw StripeException.Conflict("This invoice has been voided and can no longer be paid.", "invoice_not_editable");
            case "draft":
                Invoices.Finalize(work, invoice);
                break;
        }

        if (invoice.Text("status") is "paid")
        {
            return invoice;
        }

        if (parameters.Flag("paid_out_of_band") == true)
        {
            Cancel(work, invoice);
            Settle(work, invoice, tellUpdated: false);
            return invoice;
        }

        var method = parameters.Text("payment_method") is { } id
            ? PaymentMethods.Resolve(work, id, "payment_method")
            : DefaultMethod(work, Invoices.SubscriptionOf(work, invoice), invoice.Text("customer")!, invoice)
                ?? throw StripeException.Invalid(
                    "There is no `default_payment_method` set on this Customer or Invoice. Please set a `default_payment_method` on the Customer, Subscription, or Invoice, or pass a `payment_method`.", code: "resource_missing");
        if (method.Text("customer") is not null and var owner && !string.Equals(owner, invoice.Text("customer"), StringComparison.Ordinal))
        {
            throw StripeException.Invalid("The provided PaymentMethod cannot be attached. It belongs to another customer.", "payment_method");
        }

        return Charge(work, invoice, method, automatic: false, tellUpdated: false, parameters.Flag("off_session") ?? true) is { } refusal ? throw refusal : invoice;
    }

    /// <summary>Nothing more is owed.</summary>
    public static void Settle(Work work, JsonObject invoice, bool tellUpdated, JsonObject? before = null)
    {
        before ??= invoice.DeepClone().AsObject();
        invoice["status"] = "paid";
        invoice["amount_paid"] = invoice.Copy("amount_due");
        invoice["amount_remaining"] = 0;
        invoice["attempted"] = true;
        invoice["auto_advance"] = false;
        invoice["next_payment_attempt"] = null;
        invoice["status_transitions"]!["paid_at"] = work.Now;
        work.Save(invoice);
        work.CallOff(Dunning.RetryDue, invoice.Text("id")!);
        if (IntentOf(work, invoice) is { } intent && intent.Text("status") is "succeeded" && PaymentOf(work, invoice) is { } payment)
        {
            payment["status"] = "paid";
            payment["amount_paid"] = intent.Copy("amount_received");
            payment["status_transitions"]!["paid_at"] = work.Now;
            Keep(work, invoice, payment);
            work.Schedule(PaidDue, payment.Text("id")!, work.Time + work.Options.InvoicePaymentDelay);
        }

        if (tellUpdated)
        {
            work.EmitUpdated("invoice.updated", before, invoice);
        }

        work.Emit("invoice.paid", invoice);
        work.Emit("invoice.payment_succeeded", invoice);
        SubscriptionStates.InvoicePaid(work, invoice);
    }

    public static void TellPaid(Work work, string id)
    {
        if (work.Find(id, Type) is { } payment)
        {
            work.Emit("invoice_payment.paid", payment);
        }
    }

    /// <summary>The invoice will not be paid through its intent any more.</summary>
    public static void Cancel(Work work, JsonObject invoice)
    {
        if (IntentOf(work, invoice) is { } intent && intent.Text("status") is not ("succeeded" or "canceled"))
        {
            PaymentIntents.Cancel(work, intent, "void_invoice");
        }

        if (PaymentOf(work, invoice) is { } payment && payment.Text("status") is "open")
        {
            payment["status"] = "canceled";
            payment["status_transitions"]!["canceled_at"] = work.Now;
            Keep(work, invoice, payment);
        }
    }

    private static StripeException? Charge(Work work, JsonObject invoice, JsonObject? method, bool automatic, bool tellUpdated, bool offSession)
    {
        var before = invoice.DeepClone().AsObject();
        invoice["attempted"] = true;
        if (automatic || invoice.Integer("attempt_count") == 0)
        {
            // A try by hand does not count towards the schedule of retries.
            invoice["attempt_count"] = invoice.Integer("attempt_count") + 1;
        }

        work.Save(invoice);
        if (method is null)
        {
            Dunning.Failed(work, invoice, before, automatic, needsBuyer: false);
            return null;
        }

        var intent = IntentOf(work, invoice)!;
        intent.Private().Remove("authenticated");
        try
        {
            PaymentAttempts.Make(work, intent, method, new Attempt { OffSession = offSession, WaitsForBuyer = true, ReturnUrl = invoice.Text("hosted_invoice_url") });
        }
        catch (StripeException refusal) when (refusal.KeepsEffects)
        {
            Dunning.Failed(work, invoice, before, automatic, needsBuyer: false);
            return refusal;
        }

        switch (intent.Text("status"))
        {
            case "succeeded":
                Settle(work, invoice, tellUpdated, before);
                return null;
            case "requires_action":
                Dunning.Failed(work, invoice, before, automatic, needsBuyer: true);
                var error = StripeException.Body(
                    "card_error",
                    "This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice. For more details see: https://stripe.com/docs/billing/subscriptions/overview#requires-action",
                    "invoice_payment_intent_requires_action");
                error["payment_intent"] = DeclineBodies.Shown(intent);
                return StripeException.Declined(error);
            default:
                return null;
        }
    }

    private static void RememberMethod(Work work, JsonObject invoice, JsonObject intent)
    {
        if (Invoices.SubscriptionOf(work, invoice) is { } subscription
            && subscription.Hash("payment_settings").Text("save_default_payment_method") is "on_subscription")
        {
            subscription["default_payment_method"] = intent.Text("payment_method");
            work.Save(subscription);
        }
    }

    private static JsonObject? PaymentOf(Work work, JsonObject invoice) =>
        invoice.Hash(StoredObject.PrivateField).Hash("payments").Items("data") is [{ } first, ..] ? work.Find(first.Text("id")!, Type) : null;

    /// <summary>Saves the payment, and shows it in its invoice for those who expand it.</summary>
    private static void Keep(Work work, JsonObject invoice, JsonObject payment)
    {
        work.Save(payment);
        invoice.Private()["payments"] = Lists.Of([payment.DeepClone()], hasMore: false, $"/v1/invoice_payments?invoice={invoice.Text("id")}");
        work.Save(invoice);
    }

    private static JsonObject List(Call call)
    {
        foreach (var name in new[] { "type", "payment_intent" })
        {
            if (call.Parameters.Hash("payment").Text(name) is { } wanted)
            {
                call.Parameters[$"payment.{name}"] = wanted;
            }
        }

        return Lists.Page(call, Type, "invoice payment", "invoice", "status", "payment.type", "payment.payment_intent");
    }
}
