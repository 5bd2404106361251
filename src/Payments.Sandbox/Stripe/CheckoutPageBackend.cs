using System.Globalization;
using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe;

/// <summary>The hosted pages' way into the engine.</summary>
internal sealed class CheckoutPageBackend(Engine engine, StripeSimulatorOptions options) : ICheckoutPageBackend
{
    public CheckoutPageView? Find(string sessionId) =>
        Read(work => work.Find(sessionId, "checkout.session") is { } session ? View(work, session)
            : work.Find(sessionId, Invoices.Type) is { } invoice && invoice.Text("status") is not (null or "draft") ? InvoiceView(work, invoice)
            : null);

    public ChallengeView? FindChallenge(string paymentIntentId) => Read(work =>
    {
        var intent = work.Find(paymentIntentId);
        return intent.Text("status") is "requires_action" && intent.Text("object") is "payment_intent" or "setup_intent"
            ? Challenge(work, intent!)
            : null;
    });

    public Task<PageOutcome> PayAsync(string sessionId, PagePayment payment, CancellationToken ct) => Answer(work =>
    {
        var method = Method(work, payment);
        if (work.Find(sessionId, Invoices.Type) is { } invoice)
        {
            return PayInvoice(work, invoice, method, payment.ExpectedAmount);
        }

        var session = CheckoutSessions.Get(work, sessionId);
        SessionPayments.Pay(work, session, method, payment.ExpectedAmount, returnUrl: null, payment.SavePaymentMethod);
        return Outcome(work, session);
    });

    public Task<PageOutcome> AuthenticateAsync(string paymentIntentId, bool accepted, CancellationToken ct) => Answer(work =>
    {
        var intent = Challenges.Answer(work, paymentIntentId, accepted);
        return Challenges.SessionOf(work, paymentIntentId) is { } session
            ? Outcome(work, session)
            : new PageOutcome.Succeeded(CustomReturn(intent, "succeeded"));
    });

    public Task<PageOutcome?> ApplyPromotionCodeAsync(string sessionId, string code, CancellationToken ct) => Change(sessionId, (work, session) =>
    {
        if (session.Flag("allow_promotion_codes") != true)
        {
            return new PageOutcome.Refused("This session takes no promotion codes.");
        }

        if (PromotionCodes.ByCode(work, code.Trim()) is not { } promotion)
        {
            return new PageOutcome.Refused("This code is invalid.");
        }

        var objection = PromotionCodes.Objection(
            work, promotion, session.Text("customer"), session.Integer("amount_subtotal")!.Value, session.Text("currency")!);
        if (objection is not null)
        {
            return new PageOutcome.Refused(objection);
        }

        CheckoutSessions.SetDiscount(work, session, new JsonObject { ["coupon"] = null, ["promotion_code"] = promotion.Text("id") });
        CheckoutSessions.CheckTotal(session);
        return null;
    });

    public Task<PageOutcome?> RemovePromotionCodeAsync(string sessionId, CancellationToken ct) => Change(sessionId, (work, session) =>
    {
        if (session.Flag("allow_promotion_codes") != true)
        {
            return new PageOutcome.Refused("This session's discount cannot be taken off.");
        }

        CheckoutSessions.SetDiscount(work, session, discount: null);
        return null;
    });

    private Task<PageOutcome?> Change(string sessionId, Func<Work, JsonObject, PageOutcome?> change) => AnswerOrNothing(work =>
    {
        var session = CheckoutSessions.Get(work, sessionId);
        if (session.Text("status") is not "open")
        {
            return new PageOutcome.Refused("This checkout session is no longer open.");
        }

        var refusal = change(work, session);
        if (refusal is null)
        {
            work.Save(session);
        }

        return refusal;
    });

    private async Task<PageOutcome> Answer(Func<Work, PageOutcome> act) => (await AnswerOrNothing(act))!;

    private Task<PageOutcome?> AnswerOrNothing(Func<Work, PageOutcome?> act)
    {
        PageOutcome? outcome;
        try
        {
            outcome = engine.Run(Nobody, act);
        }
        catch (StripeException refusal) when (refusal.Status == StatusCodes.Status402PaymentRequired)
        {
            outcome = new PageOutcome.Declined(refusal.Code ?? "card_declined", refusal.DeclineCode, refusal.Message, refusal.Param);
        }
        catch (StripeException refusal) when (FieldOf(refusal.Param) is { } field)
        {
            // What the API calls a wrong parameter, the page calls a wrong field.
            outcome = new PageOutcome.Declined(refusal.Code ?? "invalid", refusal.DeclineCode, refusal.Message, field);
        }
        catch (StripeException refusal)
        {
            outcome = new PageOutcome.Refused(refusal.Message);
        }

        return Task.FromResult(outcome);
    }

    private T Read<T>(Func<Work, T> read) => engine.Run(Nobody, read);

    private WorkOrigin Nobody => engine.OriginOf(requestId: null, idempotencyKey: null);

    /// <summary>The innermost name: "iban" of "sepa_debit[iban]". Null for what the buyer has not typed.</summary>
    private static string? FieldOf(string? param)
    {
        var name = param?.Split('[')[^1].TrimEnd(']');
        return name is "iban" or "routing_number" or "account_number" or "email" or "name" or "postal_code" ? name : null;
    }

    private static JsonObject? Method(Work work, PagePayment payment)
    {
        var parameters = new JsonObject
        {
            ["billing_details"] = new JsonObject
            {
                ["email"] = payment.Email,
                ["name"] = payment.Name,
                ["address"] = new JsonObject { ["country"] = payment.Country, ["postal_code"] = payment.PostalCode },
            },
        };
        Formats.CheckEmail(string.IsNullOrEmpty(payment.Email) ? null : payment.Email, "email");
        if (payment.Iban is not null)
        {
            parameters["type"] = "sepa_debit";
            parameters["sepa_debit"] = new JsonObject { ["iban"] = payment.Iban };
        }
        else if (payment.AccountNumber is not null || payment.RoutingNumber is not null)
        {
            parameters["type"] = "us_bank_account";
            parameters["us_bank_account"] = new JsonObject
            {
                ["account_number"] = payment.AccountNumber,
                ["routing_number"] = payment.RoutingNumber,
            };
        }
        else if (payment.CardNumber is not null)
        {
            parameters["type"] = "card";
            parameters["card"] = new JsonObject
            {
                ["number"] = payment.CardNumber,
                ["exp_month"] = (long?)payment.ExpMonth,
                ["exp_year"] = (long?)payment.ExpYear,
                ["cvc"] = payment.Cvc,
            };
        }
        else
        {
            return null;
        }

        return PaymentMethods.Create(work, parameters);
    }

    private static PageOutcome Outcome(Work work, JsonObject session)
    {
        var intent = SessionPayments.IntentOf(work, session);
        if (intent.Text("status") is "requires_action")
        {
            return new PageOutcome.ActionRequired(intent.Text("id")!, intent.Hash("next_action").Hash("redirect_to_url").Text("url")!);
        }

        var redirect = SessionPayments.SuccessUrl(session);
        return intent.Text("status") is "processing" ? new PageOutcome.Processing(redirect) : new PageOutcome.Succeeded(redirect);
    }

    private CheckoutPageView View(Work work, JsonObject session)
    {
        var currency = session.Text("currency") ?? "usd";
        var discount = session.Items("discounts") is { Count: > 0 } discounts ? discounts[0] : null;
        var customer = session.Text("customer") is { } id ? work.Find(id, "customer") : null;
        var total = session.Integer("amount_total") ?? 0;
        return new CheckoutPageView
        {
            SessionId = session.Text("id")!,
            MerchantName = options.MerchantName,
            Lines = [.. session.Private().Hash("line_items").Items("data")!.Select(item => Line(work, item!.AsObject()))],
            Subtotal = session.Integer("amount_subtotal") ?? 0,
            Discount = session.Hash("total_details").Integer("amount_discount") ?? 0,
            DiscountLabel = discount is null ? null : Label(work, discount),
            DiscountRemovable = discount is not null && session.Flag("allow_promotion_codes") == true,
            Total = total,
            Currency = currency,
            CurrencyExponent = Currencies.Exponent(currency),
            CustomerEmail = session.Text("customer_email") ?? customer.Text("email") ?? session.Hash("customer_details").Text("email"),
            EmailLocked = session.Text("customer_email") is not null || customer.Text("email") is not null,
            Mode = session.Text("mode")!,
            Status = session.Text("status") is "open" && work.Now >= session.Integer("expires_at") ? "expired" : session.Text("status")!,
            PaymentStatus = session.Text("payment_status")!,
            PaymentMethodTypes = [.. session.Texts("payment_method_types")],
            SuccessUrl = SessionPayments.SuccessUrl(session),
            CancelUrl = session.Text("cancel_url"),
            Livemode = false,
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(session.Integer("expires_at")!.Value),
            AllowPromotionCodes = session.Flag("allow_promotion_codes") == true,
            NoPaymentRequired = !SessionPayments.NeedsMethod(session),
            Locale = session.Text("locale"),
            MailPage = options.MailPage,
            SubmitType = session.Text("submit_type"),
        };
    }

    private static PageOutcome PayInvoice(Work work, JsonObject invoice, JsonObject? method, long expectedAmount)
    {
        if (!IsPayable(invoice) || method is null)
        {
            return new PageOutcome.Refused(method is null ? "Enter your card." : "This invoice can no longer be paid.");
        }

        if (invoice.Integer("amount_remaining") != expectedAmount)
        {
            return new PageOutcome.Refused("The amount of this invoice has changed.");
        }

        var page = invoice.Text("hosted_invoice_url")!;
        var intent = InvoicePayments.PayByBuyer(work, invoice, method, page);
        return intent.Text("status") switch
        {
            "requires_action" => new PageOutcome.ActionRequired(intent.Text("id")!, intent.Hash("next_action").Hash("redirect_to_url").Text("url")!),
            "processing" => new PageOutcome.Processing(page),
            _ => new PageOutcome.Succeeded(page),
        };
    }

    private static bool IsPayable(JsonObject invoice) => invoice.Text("status") is "open" or "uncollectible" && invoice.Integer("amount_remaining") > 0;

    private CheckoutPageView InvoiceView(Work work, JsonObject invoice)
    {
        var currency = invoice.Text("currency")!;
        var email = invoice.Text("customer_email");
        return new CheckoutPageView
        {
            SessionId = invoice.Text("id")!,
            MerchantName = options.MerchantName,
            Lines = [.. invoice.Hash("lines").Items("data")!.Select(line => new CheckoutPageLine(
                line.Text("description") ?? "", Period(line!), Quantity: 1, line.Integer("amount")!.Value, line.Integer("amount")!.Value))],
            Subtotal = invoice.Integer("subtotal")!.Value,
            Discount = invoice.Items("total_discount_amounts")!.Sum(a => a.Integer("amount")!.Value),
            Total = IsPayable(invoice) ? invoice.Integer("amount_remaining")!.Value : invoice.Integer("total")!.Value,
            Currency = currency,
            CurrencyExponent = Currencies.Exponent(currency),
            CustomerEmail = email,
            EmailLocked = email is not null,
            Mode = "invoice",
            Status = IsPayable(invoice) ? "open" : invoice.Text("status") is "paid" ? "complete" : "expired",
            PaymentStatus = InvoicePayments.IntentOf(work, invoice).Text("status") is "processing" ? "unpaid" : "paid",
            PaymentMethodTypes = ["card"],
            ExpiresAt = DateTimeOffset.MaxValue,
            MailPage = options.MailPage,
            InvoiceNumber = invoice.Text("number"),
            InvoicePdf = invoice.Text("invoice_pdf"),
        };
    }

    private static string Period(JsonNode line) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTimeOffset.FromUnixTimeSeconds(line["period"].Integer("start")!.Value):d MMM yyyy} – {DateTimeOffset.FromUnixTimeSeconds(line["period"].Integer("end")!.Value):d MMM yyyy}");

    private static CheckoutPageLine Line(Work work, JsonObject item)
    {
        var price = item.Hash("price");
        var product = work.Find(price.Text("product")!, "product");
        var quantity = item.Integer("quantity") ?? 1;
        var amount = item.Integer("amount_subtotal")!.Value;
        return new CheckoutPageLine(
            item.Text("description") ?? "", Rhythm(price!) ?? product.Text("description"), quantity, price.Integer("unit_amount") ?? amount / quantity, amount);
    }

    /// <summary>"$19.99 every month"; null for what is bought once.</summary>
    private static string? Rhythm(JsonObject price) => price.Hash("recurring") is { } recurring && price.Integer("unit_amount") is { } each
        ? $"{Currencies.FormatOnInvoice(each, price.Text("currency")!)} every {(recurring.Integer("interval_count") is > 1 and var count ? $"{count} " : "")}{recurring.Text("interval")}{(recurring.Integer("interval_count") > 1 ? "s" : "")}"
        : null;

    private static string Label(Work work, JsonNode discount)
    {
        if (discount.Text("promotion_code") is { } promotion)
        {
            return work.Find(promotion).Text("code")!;
        }

        // Deleted meanwhile, perhaps: then its id is all there is to show.
        var coupon = work.Find(discount.Text("coupon")!)!;
        return coupon.Text("name") ?? (coupon.Number("percent_off") is { } percent
            ? percent.ToString("0.##", CultureInfo.InvariantCulture) + "% off"
            : coupon.Text("id")!);
    }

    private ChallengeView Challenge(Work work, JsonObject intent)
    {
        var card = work.Find(intent.Text("payment_method")!, "payment_method").Hash("card");
        var currency = intent.Text("currency") ?? "usd";
        return new ChallengeView
        {
            PaymentIntentId = intent.Text("id")!,
            MerchantName = options.MerchantName,
            Amount = intent.Integer("amount") ?? 0,
            Currency = currency,
            CurrencyExponent = Currencies.Exponent(currency),
            CardBrand = card.Text("brand")!,
            CardLast4 = card.Text("last4")!,
            SessionId = intent.Private().Text("session"),
            ReturnUrl = intent.Private().Text("session") is null
                ? CustomReturn(intent, "failed")
                : intent.Hash("next_action").Hash("redirect_to_url").Text("return_url"),
        };
    }

    /// <summary>Where a custom UI's buyer goes, told how it went as Stripe tells it.</summary>
    private static string? CustomReturn(JsonObject intent, string status)
    {
        var url = intent.Private().Text("return_url");
        if (url is null)
        {
            return null;
        }

        var kind = intent.Text("object")!;
        var separator = url.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return $"{url}{separator}{kind}={intent.Text("id")}&{kind}_client_secret={intent.Text("client_secret")}&redirect_status={status}";
    }
}
