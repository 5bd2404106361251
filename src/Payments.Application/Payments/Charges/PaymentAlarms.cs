using Microsoft.Extensions.Logging;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>What a person must look at: money that does not fit. Alert rules match these event ids.</summary>
internal static partial class PaymentAlarms
{
    public static void Raise(ILogger logger, PaymentId paymentId, ReportEffect? effect)
    {
        if (effect is ReportEffect.Mismatch)
        {
            Mismatch(logger, paymentId);
        }
        else if (effect is ReportEffect.PaidTwice)
        {
            PaidTwice(logger, paymentId);
        }
    }

    [LoggerMessage(9001, LogLevel.Critical, "Payment {PaymentId} was paid with another amount or currency than agreed; this report granted nothing")]
    private static partial void Mismatch(ILogger logger, PaymentId paymentId);

    [LoggerMessage(9002, LogLevel.Critical, "Payment {PaymentId} was paid a second time by another session; nothing more was granted, and what can be is given back")]
    private static partial void PaidTwice(ILogger logger, PaymentId paymentId);
}
