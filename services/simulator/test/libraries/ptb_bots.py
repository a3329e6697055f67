"""python-telegram-bot's bots: four that poll, and four with a web server each. Reads {apiUrl, polling, webhook} from its first argument."""
import asyncio
import json
import socket
import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LabeledPrice
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, MessageHandler, PreCheckoutQueryHandler, filters


async def on_text(update, context):
    await update.message.reply_text(update.message.text)


async def on_start(update, context):
    buttons = [InlineKeyboardButton("Yes", callback_data="yes"), InlineKeyboardButton("No", callback_data="no")]
    await update.message.reply_text("Tea?", reply_markup=InlineKeyboardMarkup([buttons]))


async def on_press(update, context):
    query = update.callback_query
    await query.answer(f"You chose {query.data}")
    await query.edit_message_text(f"Chosen: {query.data}")


async def on_document(update, context):
    received = await update.message.document.get_file()
    content = bytes(await received.download_as_bytearray()).decode()
    await update.message.reply_document(content.upper().encode(), filename="loud.txt", caption=f"{len(content)} bytes")


async def on_buy(update, context):
    await update.message.reply_invoice(title="Tea", description="A cup", payload="tea", currency="XTR", prices=[LabeledPrice("Tea", 50)], provider_token="")


async def on_checkout(update, context):
    await update.pre_checkout_query.answer(ok=True)


async def on_paid(update, context):
    payment = update.message.successful_payment
    await update.message.reply_text(f"Paid {payment.total_amount} {payment.currency}")


KINDS = {
    "echo": lambda: [MessageHandler(filters.TEXT, on_text)],
    "keyboard": lambda: [CommandHandler("start", on_start), CallbackQueryHandler(on_press)],
    "file": lambda: [MessageHandler(filters.Document.ALL, on_document)],
    "payment": lambda: [CommandHandler("buy", on_buy), PreCheckoutQueryHandler(on_checkout), MessageHandler(filters.SUCCESSFUL_PAYMENT, on_paid)],
}


async def make(api_url, kind, token):
    application = Application.builder().token(token).base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot").build()
    application.add_handlers(KINDS[kind]())
    await application.initialize()
    await application.start()
    return application


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def main():
    given = json.loads(sys.argv[1])
    for kind, token in given["polling"].items():
        application = await make(given["apiUrl"], kind, token)
        await application.updater.start_polling(timeout=5)
    for kind, token in given["webhook"].items():
        application = await make(given["apiUrl"], kind, token)
        port = free_port()
        await application.updater.start_webhook(listen="127.0.0.1", port=port, url_path=kind, webhook_url=f"http://127.0.0.1:{port}/{kind}", secret_token=kind)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
