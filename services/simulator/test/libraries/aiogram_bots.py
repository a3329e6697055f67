"""aiogram's bots: four that poll, and four behind one web server. Reads {apiUrl, polling, webhook} from its first argument."""
import asyncio
import json
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, LabeledPrice
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web


def echo(dispatcher):
    @dispatcher.message(F.text)
    async def on_text(message):
        await message.answer(message.text)


def keyboard(dispatcher):
    @dispatcher.message(Command("start"))
    async def on_start(message):
        buttons = [InlineKeyboardButton(text="Yes", callback_data="yes"), InlineKeyboardButton(text="No", callback_data="no")]
        await message.answer("Tea?", reply_markup=InlineKeyboardMarkup(inline_keyboard=[buttons]))

    @dispatcher.callback_query()
    async def on_press(query):
        await query.answer(f"You chose {query.data}")
        await query.message.edit_text(f"Chosen: {query.data}")


def file(dispatcher):
    @dispatcher.message(F.document)
    async def on_document(message, bot):
        content = (await bot.download(message.document)).read().decode()
        await message.answer_document(BufferedInputFile(content.upper().encode(), "loud.txt"), caption=f"{len(content)} bytes")


def payment(dispatcher):
    @dispatcher.message(Command("buy"))
    async def on_buy(message):
        await message.answer_invoice("Tea", "A cup", "tea", "XTR", [LabeledPrice(label="Tea", amount=50)])

    @dispatcher.pre_checkout_query()
    async def on_checkout(query):
        await query.answer(ok=True)

    @dispatcher.message(F.successful_payment)
    async def on_paid(message):
        await message.answer(f"Paid {message.successful_payment.total_amount} {message.successful_payment.currency}")


KINDS = {"echo": echo, "keyboard": keyboard, "file": file, "payment": payment}


def make(kind):
    dispatcher = Dispatcher()
    KINDS[kind](dispatcher)
    return dispatcher


async def main():
    given = json.loads(sys.argv[1])
    server = TelegramAPIServer.from_base(given["apiUrl"])
    loops = []
    for kind, token in given["polling"].items():
        bot = Bot(token, session=AiohttpSession(api=server))
        loops.append(asyncio.create_task(make(kind).start_polling(bot, polling_timeout=5, handle_signals=False)))
    application = web.Application()
    hooks = {kind: Bot(token, session=AiohttpSession(api=server)) for kind, token in given["webhook"].items()}
    for kind, bot in hooks.items():
        SimpleRequestHandler(dispatcher=make(kind), bot=bot, secret_token=kind).register(application, path=f"/{kind}")
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    for kind, bot in hooks.items():
        await bot.set_webhook(f"http://127.0.0.1:{port}/{kind}", secret_token=kind)
    print("ready", flush=True)
    await asyncio.gather(*loops)


asyncio.run(main())
