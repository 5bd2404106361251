using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>A decline in the three places where Stripe shows it: the 402, last_payment_error, and the charge's outcome.</summary>
internal static class DeclineBodies
{
    /// <summary>Without the objects around it.</summary>
    public static JsonObject Error(Decline decline, string? charge)
    {
        var error = new JsonObject();
        if (decline.AdviceCode is not null)
        {
            error["advice_code"] = decline.AdviceCode;
        }

        if (charge is not null)
        {
            error["charge"] = charge;
        }

        error["code"] = decline.Code;
        if (decline.DeclineCode is not null)
        {
            error["decline_code"] = decline.DeclineCode;
        }

        error["doc_url"] = "https://stripe.com/docs/error-codes/" + decline.Code.Replace('_', '-');
        error["message"] = decline.Message;
        if (decline.NetworkDeclineCode is not null)
        {
            error["network_decline_code"] = decline.NetworkDeclineCode;
        }

        if (decline.Param is not null)
        {
            error["param"] = decline.Param;
        }

        error["type"] = "card_error";
        return error;
    }

    /// <summary>What the caller of a confirm gets: the error with the intent as it now stands.</summary>
    public static StripeException Refusal(JsonObject lastPaymentError, JsonObject intent)
    {
        var error = lastPaymentError.DeepClone().AsObject();
        error["payment_intent"] = Shown(intent);
        return StripeException.Declined(error);
    }

    public static JsonObject Shown(JsonObject node)
    {
        var copy = node.DeepClone().AsObject();
        copy.Remove(StoredObject.PrivateField);
        return copy;
    }
}
